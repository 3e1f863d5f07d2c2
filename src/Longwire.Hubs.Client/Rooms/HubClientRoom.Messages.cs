using System.Text;

namespace Longwire.Hubs.Client;

// Messages arrive in order and once. The client's lock guards the internal members here, and its receiving thread alone delivers.
public sealed partial class HubClientRoom
{
    // The size of a hub's history of "$me" and "$all".
    private const int OwnHistory = 100;

    private MessageSink[] _sinks = [];
    private bool _followsReset;
    private RoomUnread? _unread; // null in a room without markers

    internal RoomPhase Phase { get; set; }

    /// <summary>The last message that was handed to the application, or where the room was joined; null before.</summary>
    internal RoomPosition? Position { get; set; }

    /// <summary>The requests of the first join.</summary>
    internal JoinOptions JoinOptions { get; set; } = new();

    /// <summary>Completes when the room is joined; null while nobody has asked for it.</summary>
    internal TaskCompletionSource<RoomJoined>? Joined { get; set; }

    /// <summary>The request whose answer says that the room is joined; null for none.</summary>
    internal string? JoinId { get; set; }

    /// <summary>How often in a row joining was refused for now.</summary>
    internal int Delays { get; set; }

    /// <summary>Whether it is one of the rooms that every session is in.</summary>
    internal bool IsOwn => Name.StartsWith('$');

    /// <summary>A reader has caught up: what the room left out meanwhile is asked for.</summary>
    internal void CatchUp()
    {
        if (Phase == RoomPhase.Behind)
        {
            _client.CatchUp(this);
        }
    }

    internal bool HasFullReader
    {
        get
        {
            // For each message: no enumerator.
            foreach (MessageSink sink in _sinks)
            {
                if (sink.IsFull)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal void Add(MessageSink sink)
    {
        lock (_client.Gate)
        {
            _sinks = [.. _sinks, sink];
        }
    }

    internal void Remove(MessageSink sink)
    {
        lock (_client.Gate)
        {
            _sinks = [.. _sinks.Where(other => other != sink)];
        }

        // It may have been the one that the room waited for.
        CatchUp();
    }

    /// <summary>Hands a message over where it is the next.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="isRecovered">Whether the hub says that it follows what was handed over before.</param>
    internal void Deliver(in HubFrame frame, bool isRecovered = false)
    {
        MessageSink[] sinks;
        RoomPosition position = default;
        RoomReset? reset = null;
        lock (_client.Gate)
        {
            sinks = _sinks;
            if (frame.IsPublication && (Phase != RoomPhase.Left || !IsOwn))
            {
                if (!TryAccept(frame, isRecovered, out reset))
                {
                    return;
                }

                position = Position!.Value;
            }
            else if (Phase == RoomPhase.Behind)
            {
                // Passing messages are the first to be left out.
                return;
            }
        }

        if (reset is not null)
        {
            RaiseReset(reset);
        }

        if (frame.IsPublication && position != default)
        {
            TakePublication(frame, isRecovered);
        }

        bool followsReset = _followsReset;
        _followsReset = false;
        var sender = new RoomSender(_client.Name(frame.UserId), _client.Name(frame.Username));
        foreach (MessageSink sink in sinks)
        {
            Hand(sink, frame, sender, position, followsReset);
        }
    }

    /// <summary>Hands a message of the history to one reader.</summary>
    internal void Hand(MessageSink sink, in HubFrame frame, RoomSender sender, RoomPosition position, bool followsReset)
    {
        if (!sink.Takes(frame.Type))
        {
            return;
        }

        try
        {
            sink.Take(frame, sender, position, followsReset);
        }
        catch (Exception exception)
        {
            // A handler's fault, or content of another shape, is no reason to lose what follows.
            _client.HandlerFailed(exception);
        }
    }

    internal void RaiseReset(RoomReset reset)
    {
        _followsReset = true;
        _client.Raise(() => Reset?.Invoke(this, reset));
    }

    internal void TakeRead(long offset, long unread)
    {
        var now = new RoomUnread(Math.Max(offset, 0), Math.Max(unread, 0));
        lock (_client.Gate)
        {
            if (_unread == now)
            {
                return;
            }

            _unread = now;
        }

        if (UnreadChanged is { } changed)
        {
            _client.Raise(() => changed(this, now));
        }
    }

    internal void RaiseMembersChanged(RoomMembersChange change) => _client.Raise(() => MembersChanged?.Invoke(this, change));

    /// <summary>The client is not in the room any more.</summary>
    /// <param name="left">Why; null where the application wanted it.</param>
    /// <param name="error">The error that readers end with; null for none.</param>
    internal void EndReaders(RoomLeft? left, Exception? error)
    {
        MessageSink[] sinks;
        lock (_client.Gate)
        {
            sinks = _sinks;
        }

        lock (_nextReaders)
        {
            _nextReaders.Clear();
        }

        foreach (MessageSink sink in sinks)
        {
            sink.End(error);
        }

        if (left is not null)
        {
            _client.Raise(() => Left?.Invoke(this, left));
        }
    }

    /// <summary>Whether a place is behind the last one, in the same epoch.</summary>
    internal bool WasHandedOver(in HubFrame frame) =>
        Position is { } last && IsEpoch(last.Epoch, frame.Epoch) && frame.Offset <= last.Offset;

    private static bool IsEpoch(string epoch, ReadOnlySpan<byte> utf8) => Ascii.Equals(utf8, epoch);

    // Under the client's lock.
    private bool TryAccept(in HubFrame frame, bool isRecovered, out RoomReset? reset)
    {
        reset = null;
        if (WasHandedOver(frame))
        {
            return false;
        }

        if (!isRecovered)
        {
            if (Phase == RoomPhase.Joined && HasFullReader)
            {
                Phase = RoomPhase.Behind;
            }

            if (Phase != RoomPhase.Joined)
            {
                // It is in what the room recovers.
                return false;
            }
        }

        string epoch = Position is { } known && IsEpoch(known.Epoch, frame.Epoch) ? known.Epoch : HubFrame.Text(frame.Epoch);
        var position = new RoomPosition(epoch, frame.Offset) { Tag = frame.TagValue };
        if (!isRecovered && Position is { } last && (last.Epoch != epoch || frame.Offset > last.Offset + 1))
        {
            reset = new RoomReset(RoomResetCause.Gap, last, position);
        }

        Position = position;
        return true;
    }
}
