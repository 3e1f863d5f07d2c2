using System.Text;
using System.Text.Json;

namespace Longwire.Fuzzing;

/// <summary>
/// A client as the protocol's page says one should be: it keeps an outbox and sends it again, follows each room's sequence, and recovers
/// what it missed. Any message that must not come fails the run.
/// </summary>
internal sealed partial class HubRunClient(HubModel model, string user, string? producer, string label)
{
    private readonly Dictionary<string, Followed> _rooms = new() { [RoomNames.Me] = new Followed { IsWanted = true } };
    private readonly List<Said> _outbox = [];
    private string? _secret;
    private bool _mayResume;
    private int _number;

    public string? ClientId { get; private set; }

    public HubRunConnection? Connection { get; private set; }

    public bool IsConnected => Connection is not null && _isGreeted;

    private bool _isGreeted;

    public IEnumerable<string> Rooms => _rooms.Where(static room => room.Value.IsWanted).Select(static room => room.Key);

    /// <summary>Whether all that it wants has come about.</summary>
    public bool IsContent =>
        IsConnected
        && Connection!.Waiting == 0
        && Connection.Up.Count == 0
        && _outbox.Count == 0
        && _rooms.All(room => !room.Value.IsJoined || model.IsNewest(InStore(room.Key), room.Value.Offset, room.Value.Tag))
        && _rooms.Values.All(static room => room.IsWanted == room.IsJoined && (!room.IsJoined || room.IsComplete));

    public void Connect(HubRunConnection connection, bool resume, Action<HubHandshake> accept)
    {
        Disconnect();
        Connection = connection;
        _mayResume = resume;
        accept(
            new HubHandshake
            {
                Identity = new HubIdentity(user),
                Producer = producer,
                Session = resume ? _secret : null,
            }
        );
    }

    public void Disconnect()
    {
        Connection = null;
        _isGreeted = false;
        foreach (Followed room in _rooms.Values)
        {
            room.IsJoined = room.IsAsked = false;
            room.Map.Asked = room.Users.Asked = null;
        }
    }

    public void Join(string room)
    {
        Followed followed = _rooms.TryGetValue(room, out Followed? known) ? known : _rooms[room] = new Followed();
        followed.IsWanted = true;
        if (!followed.IsJoined && !followed.IsAsked)
        {
            SendJoin(room, followed);
        }
    }

    public void Leave(string room)
    {
        if (_rooms.TryGetValue(room, out Followed? followed) && followed.IsJoined)
        {
            followed.IsWanted = false;
            _outbox.RemoveAll(said => said.Room == room);
            Send($$"""{"type":"leave-room","room":"{{room}}","id":"leave"}""");
        }
    }

    /// <summary>Says something, now or when it can.</summary>
    public void Say(string room)
    {
        if (_rooms.TryGetValue(room, out Followed? followed) && followed.IsWanted && _outbox.Count < 20)
        {
            _outbox.Add(new Said(room, $"{++_number}"));
            model.OnSaid(TextOf(_outbox[^1]), isAcked: false);
            SendOutbox(room);
        }
    }

    /// <summary>Sends and asks again for what was refused for a time.</summary>
    public void TryAgain()
    {
        foreach ((string name, Followed room) in _rooms)
        {
            if (room is { IsWanted: true, IsJoined: false, IsAsked: false })
            {
                SendJoin(name, room);
            }

            SendOutbox(name);
            ReadOn(name, room);
        }
    }

    public void Hear(byte[] message)
    {
        using var document = JsonDocument.Parse(message);
        JsonElement heard = document.RootElement;
        switch (heard.Text("type"))
        {
            case "connected":
                OnConnected(heard);
                break;
            case "joined-room":
                OnJoined(heard, _rooms[heard.Text("room")]);
                break;
            case "left-room":
                _rooms[heard.Text("room")].IsJoined = false;
                break;
            case "message" or "map-changed":
                Take(heard, _rooms[heard.Text("room")]);
                break;
            case "direct":
                TakeDirect(heard);
                break;
            case "room-reset":
                OnReset(heard, heard.Text("room"));
                break;
            case "map" or "presence" or "presence-changed" or "presence-reset":
                OnShown(heard, heard.Text("room"));
                break;
            case "read":
                break;
            case "ack":
                OnAck(heard);
                break;
            case "error":
                OnError(heard);
                break;
            case "user-joined" or "user-left":
                break;
            default:
                throw new IllegalOutcomeException($"{label} heard {heard}");
        }
    }

    /// <summary>The end: all is delivered.</summary>
    public void Judge()
    {
        foreach ((string name, Followed room) in _rooms.Where(static room => room.Value.IsJoined))
        {
            model.JudgeLog(label, InStore(name), room.Start, room.Log);
            if (name != RoomNames.Me)
            {
                model.JudgeMap(label, name, room.Map.Text(withVersions: true));
            }
        }
    }

    /// <summary>The client's state and wishes, for the reader of a finding.</summary>
    public string Describe() =>
        $"{label} connected {IsConnected}, unread {Connection?.Waiting}, unsent {Connection?.Up.Count}, outbox {_outbox.Count}, "
        + string.Join(
            ", ",
            _rooms.Select(room =>
                $"{room.Key} at {room.Value.Offset} of {model.Published(room.Key)} {room.Value.IsWanted} {room.Value.IsJoined}"
            )
        );

    private string TextOf(Said said) => $"{label}-{said.Id}";

    private void OnConnected(JsonElement connected)
    {
        bool resumed = connected.GetProperty("resumed").GetBoolean();
        HubModel.Require(!resumed || (_mayResume && connected.Text("clientId") == ClientId), $"{label} resumed another session");
        ClientId = connected.Text("clientId");
        _secret = connected.Text("session");
        _isGreeted = true;
        if (!resumed && producer is null)
        {
            // Whether they were published is not known, and their ids count for nothing any more.
            _outbox.RemoveAll(static said => said.WasSent);
        }

        foreach (Said said in _outbox)
        {
            said.IsSent = false;
        }

        foreach ((string name, Followed room) in _rooms)
        {
            if (room.IsWanted)
            {
                SendJoin(name, room);
            }
            else
            {
                // The session may be in it still.
                Send($$"""{"type":"leave-room","room":"{{name}}","id":"leave"}""");
            }
        }
    }

    private void OnJoined(JsonElement joined, Followed room)
    {
        string name = joined.Text("room");
        bool recovered = joined.GetProperty("recovered").GetBoolean();
        room.IsAsked = false;
        if (room.IsRecovering)
        {
            model.OnRecovery(InStore(name), room.Offset, recovered);
        }

        if (joined.Has("state"))
        {
            model.OnState(name, joined.Number("state"), joined.Number("offset"));
        }

        bool isSequence = recovered || joined.Has("state");
        JsonElement[] messages = [.. joined.GetProperty("messages").EnumerateArray()];
        if (name != RoomNames.Me)
        {
            OnShownAtJoin(joined, name, room);
        }

        if (!recovered)
        {
            room.StartAt(joined);
            if (isSequence && messages.Length > 0)
            {
                room.Start = room.Offset = messages[0].Number("offset") - 1;
            }
        }

        room.IsJoined = true;
        if (isSequence)
        {
            foreach (JsonElement message in messages)
            {
                Take(message, room);
            }
        }
        else
        {
            model.OnHistory(
                InStore(name),
                joined.Number("offset"),
                [.. messages.Select(static message => (message.Number("offset"), message.Text("message")))]
            );
        }

        HubModel.Require(
            room.Offset == joined.Number("offset"),
            $"{label} joined {name} at {joined.Number("offset")} and has what was said up to {room.Offset}"
        );
        SendOutbox(name);
        ReadOn(name, room);
    }

    private void Take(JsonElement message, Followed room)
    {
        HubModel.Require(room.IsJoined, $"{label} is told of a room before it has joined: {message}");
        HubModel.Require(
            message.Text("epoch") == room.Epoch && message.Number("offset") == room.Offset + 1,
            $"{label} is at {room.Offset} and is told {message}"
        );
        room.Offset++;
        room.Tag = message.Text("tag");
        room.Log.Add((room.Offset, room.Tag, TextOf(message)));
        if (message.Has("key"))
        {
            room.Map.TakeEntry(message);
        }
    }

    private void OnAck(JsonElement ack)
    {
        string id = ack.Text("id");
        if (_outbox.Find(said => said.Id == id) is { } said)
        {
            _outbox.Remove(said);
            if (said.Room == RoomNames.Me)
            {
                model.OnSaid(TextOf(said), isAcked: true);
            }
            else if (said.Change is null)
            {
                model.OnAck(said.Room, ack.Number("offset"), TextOf(said));
            }
        }
    }

    private void OnError(JsonElement error)
    {
        string code = error.Text("code");
        string id = error.Has("id") ? error.Text("id") : "";
        bool isOfState =
            id.StartsWith("page ", StringComparison.Ordinal) || id is "read" or "update" || code is "conflict" or "stale" or "forbidden";
        HubModel.Require(isOfState || code is "unavailable" or "not-in-room" or "unknown-room", $"{label} is told {error}");
        if (code is "conflict" or "forbidden")
        {
            _outbox.RemoveAll(said => said.Id == id);
        }
        else if (id.StartsWith("page ", StringComparison.Ordinal))
        {
            foreach (HubRunReplica asked in _rooms.Values.SelectMany(static room => (HubRunReplica[])[room.Map, room.Users]))
            {
                asked.Asked = asked.Asked == id ? null : asked.Asked;
            }
        }
        else if (id.StartsWith("join ", StringComparison.Ordinal))
        {
            _rooms[id["join ".Length..]].IsAsked = false;
        }
        else if (_outbox.Find(said => said.Id == id) is { } said)
        {
            said.IsSent = false;
        }
    }

    private void SendJoin(string name, Followed room)
    {
        if (!IsConnected)
        {
            return;
        }

        room.IsAsked = true;
        room.IsRecovering = room.Epoch.Length > 0;
        string recover = room.IsRecovering
            ? $$""","recover":{"epoch":"{{room.Epoch}}","offset":{{room.Offset}},"tag":"{{room.Tag}}"}"""
            : "";
        string state = room.IsRecovering ? "" : ""","state":true""";
        Send($$"""{"type":"join-room","room":"{{name}}","id":"join {{name}}","map":true{{PresenceOf(room)}}{{recover}}{{state}}}""");
    }

    private void SendOutbox(string name)
    {
        if (!IsConnected || !_rooms.TryGetValue(name, out Followed? room) || !room.IsJoined)
        {
            return;
        }

        foreach (Said said in _outbox.Where(said => said.Room == name && !said.IsSent))
        {
            said.IsSent = said.WasSent = true;
            Send(said.Change ?? $$"""{"type":"message","room":"{{name}}","content":"{{TextOf(said)}}","id":"{{said.Id}}"}""");
        }
    }

    private void Send(string message) => Connection!.Up.Enqueue(message);

    private sealed class Followed
    {
        public string Epoch { get; private set; } = "";

        public string Tag { get; set; } = "";

        public long Offset { get; set; }

        /// <summary>The position behind which its log begins.</summary>
        public long Start { get; set; }

        public List<(long Offset, string Tag, string Text)> Log { get; } = [];

        public bool IsWanted { get; set; }

        public bool IsAsked { get; set; }

        public bool IsRecovering { get; set; }

        public bool IsJoined { get; set; }

        public HubRunReplica Map { get; } = new();

        public HubRunReplica Users { get; } = new();

        /// <summary>Whether it has all pages.</summary>
        public bool IsComplete => Map.IsComplete && Users.IsComplete;

        public void StartAt(JsonElement position)
        {
            Epoch = position.Text("epoch");
            Tag = position.Text("tag");
            Offset = Start = position.Number("offset");
            Log.Clear();
        }
    }
}
