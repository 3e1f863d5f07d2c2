using System.Runtime.Versioning;

namespace Longwire.Hubs.Client;

/// <summary>The rooms of a client: joined, left, and joined again on each connection. The client's lock guards it.</summary>
[UnsupportedOSPlatform("browser")]
internal sealed partial class RoomDirectory(HubClient client)
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

    // Under the gate.
    private Task<RoomJoined> Want(HubClientRoom room, JoinOptions? options)
    {
        if (room.Phase != RoomPhase.Left)
        {
            if (room.Position is null && room.JoinId is null && options is not null)
            {
                room.JoinOptions.History = Math.Max(room.JoinOptions.History, options.History);
                room.JoinOptions.State |= options.State;
                room.JoinOptions.Map |= options.Map;
                room.JoinOptions.Presence |= options.Presence;
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

                if (room.JoinOptions.Map)
                {
                    json.WriteBoolean("map"u8, true);
                }

                if (room.JoinOptions.Presence)
                {
                    json.WriteString("presence"u8, "changes"u8);
                    if (room.UserReplica is { IsComplete: true, Version: var version and > 0 })
                    {
                        json.WriteNumber("version"u8, version);
                    }
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
