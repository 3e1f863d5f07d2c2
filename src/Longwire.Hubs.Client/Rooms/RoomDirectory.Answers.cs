using System.Text.Json;

namespace Longwire.Hubs.Client;

// The hub's messages about rooms, on the thread that receives.
internal sealed partial class RoomDirectory
{
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

        if (attachment is null)
        {
            room.TakeShown(frame);
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

        room.ResetMap();
        room.RaiseReset(new RoomReset(RoomResetCause.Server, from, frame.Position));
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
}
