using System.Runtime.Versioning;
using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>The rooms of a client: joined, left, and joined again on each connection. The client's lock guards it.</summary>
[UnsupportedOSPlatform("browser")]
internal sealed class RoomDirectory(HubClient client)
{
    private readonly Dictionary<string, HubClientRoom> _rooms = new(StringComparer.Ordinal);
    private readonly List<HubClientRoom> _wanted = []; // in the order of their first join
    private readonly List<Attachment> _attaching = [];
    private WebSocketConnection? _connection;

    public HubClientRoom Room(string name)
    {
        lock (client.Gate)
        {
            if (!_rooms.TryGetValue(name, out HubClientRoom? room))
            {
                _rooms.Add(name, room = new HubClientRoom(client, name));
            }

            return room;
        }
    }

    /// <summary>A room by the name that the hub says; null for one that nobody has asked for.</summary>
    public HubClientRoom? Find(ReadOnlySpan<byte> name)
    {
        Span<char> buffer = stackalloc char[256];
        if (name.Length > buffer.Length)
        {
            return null;
        }

        ReadOnlySpan<char> text = buffer[..System.Text.Encoding.UTF8.GetChars(name, buffer)];
        lock (client.Gate)
        {
            return _rooms.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out HubClientRoom? room) ? room : null;
        }
    }

    /// <summary>Whether a room can be published to: the client is not just joining it. Under the gate.</summary>
    public bool IsReady(string name) => !_rooms.TryGetValue(name, out HubClientRoom? room) || room.Phase != RoomPhase.Joining;

    /// <summary>The client is connected: what it wants is joined. Under the gate.</summary>
    public void Connected(WebSocketConnection connection)
    {
        _connection = connection;
        _wanted.ForEach(SendJoin);
        _attaching.ForEach(SendAttach);
    }

    /// <summary>The connection is lost. Under the gate.</summary>
    public void Lost()
    {
        _connection = null;
        foreach (HubClientRoom room in _wanted)
        {
            room.Phase = RoomPhase.Joining;
            room.JoinId = null;
        }
    }

    /// <summary>The client is closed for good.</summary>
    public void Close(Exception error)
    {
        HubClientRoom[] rooms;
        Attachment[] attaching;
        lock (client.Gate)
        {
            rooms = [.. _wanted];
            attaching = [.. _attaching];
            _wanted.Clear();
            _attaching.Clear();
        }

        foreach (Attachment attachment in attaching)
        {
            attachment.Reader.End(null);
        }

        foreach (HubClientRoom room in rooms)
        {
            End(room, left: null, error, readersError: null);
        }
    }

    public Task<RoomJoined> Join(HubClientRoom room, JoinOptions? options)
    {
        lock (client.Gate)
        {
            return Want(room, options);
        }
    }

    public async Task LeaveAsync(HubClientRoom room, CancellationToken cancellationToken)
    {
        bool isIn;
        lock (client.Gate)
        {
            isIn = _wanted.Remove(room) && _connection is not null;
            _attaching.RemoveAll(attachment => attachment.Room == room);
            room.Position = null;
        }

        End(room, left: null, new HubRefusedException("left", "The room was left before it was joined."), readersError: null);
        if (isIn)
        {
            await client
                .AskAsync("leave-room", json => json.WriteString("room"u8, room.Name), isRepeatable: false, null, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Lets a reader read a room: first of its history, then what is live.</summary>
    public void Read(HubClientRoom room, MessageSink reader, int history)
    {
        lock (client.Gate)
        {
            bool isNew = room.Phase == RoomPhase.Left;
            if (isNew || history == 0)
            {
                room.Add(reader);
                _ = Want(room, new JoinOptions { History = history });
                return;
            }

            var attachment = new Attachment(room, reader, history);
            _attaching.Add(attachment);
            SendAttach(attachment);
        }
    }

    /// <summary>A room's readers have caught up: what it left out is asked for.</summary>
    public void CatchUp(HubClientRoom room)
    {
        lock (client.Gate)
        {
            if (room.Phase == RoomPhase.Behind && !room.HasFullReader)
            {
                SendJoin(room);
            }
        }
    }

    /// <summary>Takes <c>joined-room</c>.</summary>
    public void OnJoined(in HubFrame frame)
    {
        string id = HubFrame.Text(frame.Id);
        HubClientRoom? room = null;
        Attachment? attachment;
        RoomReset? reset = null;
        lock (client.Gate)
        {
            attachment = _attaching.Find(attachment => attachment.Id == id);
            if (attachment is not null)
            {
                _attaching.Remove(attachment);
                room = attachment.Room;
                room.Add(attachment.Reader);
            }
            else if ((room = FindJoining(id, frame.Room)) is null)
            {
                return;
            }
            else
            {
                reset = Enter(room, frame);
            }
        }

        if (reset is not null)
        {
            room.RaiseReset(reset);
        }

        foreach (Range range in JsonArray.ItemsOf(frame.Messages))
        {
            if (!HubFrame.TryRead(frame.Messages[range], out HubFrame message))
            {
                continue;
            }

            if (attachment is not null && room.WasHandedOver(message))
            {
                client.HandHistory(room, attachment.Reader, message);
            }
            else
            {
                room.Deliver(message, isRecovered: true);
            }
        }

        lock (client.Gate)
        {
            if (attachment is null)
            {
                room.Position = frame.Position;
            }

            client.Publisher.Pump();
        }

        room.Joined?.TrySetResult(
            new RoomJoined(
                (int)frame.Members,
                frame.Position,
                frame.State.Length == 0 ? null : JsonElement.Parse(frame.State),
                frame.StateVersion < 0 ? null : frame.StateVersion
            )
        );
    }

    /// <summary>Takes <c>left-room</c>, where the client did not ask for it.</summary>
    public void OnLeft(HubClientRoom room, string reason)
    {
        lock (client.Gate)
        {
            // The answer to a join that is under way decides, and says more.
            if (room.JoinId is not null || !_wanted.Remove(room))
            {
                return;
            }

            room.Position = null;
        }

        End(room, new RoomLeft("", reason), new HubRefusedException("left", reason), readersError: null);
    }

    /// <summary>Takes the <c>error</c> that answers a join.</summary>
    /// <returns>False when it is for none.</returns>
    public bool TryRefuse(string id, string code, string message, TimeSpan? retryAfter)
    {
        HubClientRoom? room;
        Attachment? attachment;
        bool wasJoined;
        lock (client.Gate)
        {
            attachment = _attaching.Find(attachment => attachment.Id == id);
            room = attachment?.Room ?? _wanted.Find(room => room.JoinId == id);
            if (room is null)
            {
                return false;
            }

            if (code is "rate-limited" or "unavailable")
            {
                TimeSpan delay = retryAfter ?? BackOff.Ceiling(++room.Delays, client.Options.Reconnect) * client.Options.Random();
                _ = TryAgainAsync(room, attachment, delay);
                return true;
            }

            if (attachment is not null)
            {
                _attaching.Remove(attachment);
            }
            else
            {
                _wanted.Remove(room);
            }

            wasJoined = room.Joined is { Task.IsCompletedSuccessfully: true };
            room.Position = attachment is null ? null : room.Position;
        }

        var error = new HubRefusedException(code, message);
        if (attachment is not null)
        {
            attachment.Reader.End(error);
            return true;
        }

        lock (client.Gate)
        {
            room.Phase = RoomPhase.Left;
            client.Publisher.RefuseRoom(room.Name, code, message);
        }

        End(room, wasJoined ? new RoomLeft(code, message) : null, error, error);
        return true;
    }

    /// <summary>Takes <c>room-reset</c>.</summary>
    public void OnReset(HubClientRoom room, in HubFrame frame)
    {
        RoomPosition from;
        lock (client.Gate)
        {
            if (room.Phase == RoomPhase.Left)
            {
                return;
            }

            from = room.Position ?? default;
            room.Position = frame.Position;
        }

        room.RaiseReset(new RoomReset(RoomResetCause.Server, from, frame.Position));
    }

    // Under the gate.
    private Task<RoomJoined> Want(HubClientRoom room, JoinOptions? options)
    {
        if (room.Phase != RoomPhase.Left)
        {
            if (room.Position is null && room.JoinId is null && options is not null)
            {
                room.JoinOptions.History = Math.Max(room.JoinOptions.History, options.History);
                room.JoinOptions.State |= options.State;
            }

            return room.Joined!.Task;
        }

        room.Joined = new TaskCompletionSource<RoomJoined>(TaskCreationOptions.RunContinuationsAsynchronously);
        room.JoinOptions = (options ?? new JoinOptions()) with { };
        room.Phase = RoomPhase.Joining;
        _wanted.Add(room);
        if (_connection is not null)
        {
            SendJoin(room);
        }

        return room.Joined.Task;
    }

    // Under the gate.
    private void SendJoin(HubClientRoom room)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        room.Phase = RoomPhase.Joining;
        room.JoinId = client.NewId();
        byte[] json = FrameWriter.Request(
            "join-room",
            room.JoinId,
            json =>
            {
                json.WriteString("room"u8, room.Name);
                if (room.Position is { } position)
                {
                    json.WriteStartObject("recover"u8);
                    json.WriteString("epoch"u8, position.Epoch);
                    json.WriteNumber("offset"u8, position.Offset);
                    json.WriteString("tag"u8, position.Tag.ToString("x16", null));
                    json.WriteEndObject();
                }
                else if (room.JoinOptions.History > 0)
                {
                    json.WriteNumber("history"u8, room.JoinOptions.History);
                }

                if (room.JoinOptions.State && room.Position is null)
                {
                    json.WriteBoolean("state"u8, true);
                }
            }
        );
        Publisher.Post(connection, json);
    }

    // Under the gate.
    private void SendAttach(Attachment attachment)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        attachment.Id = client.NewId();
        byte[] json = FrameWriter.Request(
            "join-room",
            attachment.Id,
            json =>
            {
                json.WriteString("room"u8, attachment.Room.Name);
                json.WriteNumber("history"u8, attachment.History);
            }
        );
        Publisher.Post(connection, json);
    }

    private async Task TryAgainAsync(HubClientRoom room, Attachment? attachment, TimeSpan delay)
    {
        WebSocketConnection? connection = _connection;
        await Task.Delay(delay, client.Options.TimeProvider).ConfigureAwait(false);
        lock (client.Gate)
        {
            if (_connection != connection)
            {
                // On another connection all was joined anew.
                return;
            }

            if (attachment is null && _wanted.Contains(room))
            {
                SendJoin(room);
            }
            else if (attachment is not null && _attaching.Contains(attachment))
            {
                SendAttach(attachment);
            }
        }
    }

    // Under the gate. A room that the client joins, or that the application has put it into.
    private HubClientRoom? FindJoining(string id, ReadOnlySpan<byte> name)
    {
        string wireName = HubFrame.Text(name);
        if (id.Length > 0)
        {
            HubClientRoom? joining = _wanted.Find(room => room.JoinId == id);
            if (joining is not null && joining.Name != wireName)
            {
                // The hub brings names into Normalization Form C.
                _rooms[wireName] = joining;
            }

            return joining;
        }

        HubClientRoom room = Room(wireName);
        if (room.Phase == RoomPhase.Left)
        {
            WebSocketConnection? connection = _connection;
            _connection = null; // no join need be sent
            _ = Want(room, options: null);
            _connection = connection;
        }

        return room;
    }

    // Under the gate.
    private static RoomReset? Enter(HubClientRoom room, in HubFrame frame)
    {
        RoomReset? reset = null;
        if (room.Position is { } from && !frame.Recovered)
        {
            RoomPosition to = frame.Position;
            reset = new RoomReset(RoomResetCause.Recovery, from, to);
            room.Position = from.Epoch == to.Epoch ? from : null;
        }

        room.JoinId = null;
        room.Delays = 0;
        room.Phase = RoomPhase.Joined;
        return reset;
    }

    private void End(HubClientRoom room, RoomLeft? left, Exception joinError, Exception? readersError)
    {
        TaskCompletionSource<RoomJoined>? joined;
        lock (client.Gate)
        {
            room.Phase = RoomPhase.Left;
            room.JoinId = null;
            joined = room.Joined;
            room.Joined = null;
        }

        joined?.TrySetException(joinError);
        _ = joined?.Task.Exception; // nobody need have waited for it
        room.EndReaders(left, readersError);
    }

    /// <summary>A reader that waits for the history that it begins with.</summary>
    private sealed class Attachment(HubClientRoom room, MessageSink reader, int history)
    {
        public HubClientRoom Room => room;

        public MessageSink Reader => reader;

        public int History => history;

        public string? Id { get; set; }
    }
}
