using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// The receivers of a room on one event loop, and the events that wait for them. Events are queued under the room's lock; one
/// thread at a time works through the queue, in slices and without a lock, so that a large room stops nobody.
/// </summary>
internal sealed class Lane(FanOut owner, PipeScheduler? loop)
{
    /// <summary>How much is told before others have the thread: as many receivers as this is, of something that leaves by itself.</summary>
    private const int SliceReceivers = 256;

    // An announcement is small, and so many of them as this leave for a member in one send when they are told in one turn of its loop.
    private const int AnnouncementsPerSend = 32;

    // A loop keeps what it has to send to so many connections until its turn ends; for more of them it would send in between.
    private const int ReceiversOfOneTurn = 1_024;

    private LaneItem? _first;
    private LaneItem? _last;
    private Receiver[] _receivers = [];
    private int _count;
    private LaneItem? _current;
    private int _left; // receivers that the current item has still to be told to
    private int _cost; // how much of a slice each of them takes
    private int _told;

    // The position of the receivers that have no start of their own, and whether and behind which gap they get the current item.
    private RoomPosition _position = new("", 0);
    private int _verification;
    private ResetEvent? _gap;
    private bool _isWanted;

    public PipeScheduler? Loop => loop;

    /// <summary>The room's next lane.</summary>
    public Lane? Next { get; init; }

    /// <summary>How many receivers it will have when all that is queued is done. The room's lock guards it.</summary>
    public int Expected { get; private set; }

    /// <summary>Whether a thread works through the queue, or is about to. The room's lock guards it.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The events that wait. The room's lock guards them.</summary>
    public int Waiting { get; private set; }

    /// <summary>Queues an item. Called under the room's lock.</summary>
    public void Add(LaneItem item)
    {
        if (item is { Kind: not LaneItemKind.Reach, Receiver: { } receiver })
        {
            bool isExpected = item.Kind != LaneItemKind.Remove;
            Expected += (isExpected ? 1 : 0) - (receiver.IsExpected ? 1 : 0);
            receiver.IsExpected = isExpected;
        }

        if (_last is null)
        {
            _first = item;
        }
        else
        {
            _last.Next = item;
        }

        _last = item;
        Waiting++;
    }

    /// <summary>Whether the caller has to see to it that the queue is worked through. Called under the room's lock.</summary>
    public bool TryBegin()
    {
        if (IsRunning || _first is null)
        {
            return false;
        }

        IsRunning = true;
        return true;
    }

    /// <summary>Works through the queue on this thread, but for no longer than a slice.</summary>
    public void Run()
    {
        if (!RunSlice())
        {
            Schedule();
        }
    }

    /// <summary>Has the queue worked through by the lane's loop, or by the thread pool.</summary>
    public void Schedule()
    {
        if (loop is not null)
        {
            loop.Schedule(static lane => ((Lane)lane!).Run(), this);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static lane => lane.Run(), this, preferLocal: false);
        }
    }

    /// <summary>True when there is nothing left to do.</summary>
    private bool RunSlice()
    {
        int slice = SliceReceivers * AnnouncementsPerSend;
        using FanOutScope.Delivering delivering = FanOutScope.Deliver();
        while (true)
        {
            while (_left > 0)
            {
                if (slice <= 0)
                {
                    return false;
                }

                slice -= _cost;
                Tell(_receivers[--_left], _current!);
            }

            if (slice <= 0)
            {
                return false;
            }

            owner.OnTold(_current, _told);
            _told = 0;
            lock (owner)
            {
                _current = _first;
                if (_current is null)
                {
                    IsRunning = false;
                    return true;
                }

                _first = _current.Next;
                _last = _first is null ? null : _last;
                Waiting--;
                owner.OnQueueShorter();
            }

            slice -= AnnouncementsPerSend;
            Begin(_current);
        }
    }

    private void Begin(LaneItem item)
    {
        Receiver? receiver = item.Receiver;
        switch (item.Kind)
        {
            case LaneItemKind.Tell:
                Advance(item.Event!);
                _left = _count;
                _cost = IsSentWithOthers(item.Event!) ? 1 : AnnouncementsPerSend;
                owner.OnTelling(item);
                return;
            case LaneItemKind.Join:
                receiver!.HearsPresence = false;
                Begin(receiver!, (JoinedEvent)item.Event!);
                Send(receiver!, item.Event!);
                break;
            case LaneItemKind.Follow:
                Begin(receiver!, (JoinedEvent)item.Event!);
                break;
            case LaneItemKind.Hold:
                receiver!.HearsPresence = item.HearsPresence;
                receiver.Start ??= new ReceiverStart(receiver.Index >= 0 ? _position : new RoomPosition("", 0));
                receiver.Start.Held = [];
                Add(receiver);
                break;
            case LaneItemKind.CatchUp:
                Begin(receiver!, (JoinedEvent)item.Event!, receiver!.Start?.Held);
                Send(receiver, item.Event!);
                SendHeld(receiver);
                break;
            case LaneItemKind.Abandon:
                SendHeld(receiver!);
                break;
            case LaneItemKind.Reach:
                break;
            default:
                Remove(receiver!);
                break;
        }

        item.Done?.SetResult();
    }

    /// <summary>Whether the loop can keep it for all receivers until its turn ends, with what else is announced by then.</summary>
    private bool IsSentWithOthers(RoomEvent told) => loop is not null && _count <= ReceiversOfOneTurn && told is PresenceEvent;

    /// <summary>The receiver's sequence begins where it was told that it has joined.</summary>
    private void Begin(Receiver receiver, JoinedEvent joined, List<RoomEvent>? held = null)
    {
        Add(receiver);
        receiver.Start = new ReceiverStart(joined.Position, joined.State, joined.Verification) { Held = held };
        Meet(receiver);
    }

    /// <summary>The receivers that have no start of their own are about to get what is told, all of them the same.</summary>
    private void Advance(RoomEvent told)
    {
        _gap = null;
        _isWanted = true;
        switch (told)
        {
            case PublicationEvent { Publication: var publication } when publication.IsPartOf(_position):
            case VerifiedEvent verified when !verified.Refutes(_position, _verification):
                _isWanted = false;
                break;
            case PublicationEvent { Publication: var publication }:
                _gap = publication.GapBehind(_position) is { } gap ? new ResetEvent(told.Room, gap) : null;
                _position = publication.Position;
                break;
            case ResetEvent reset:
                _isWanted = reset.Position != _position;
                _position = reset.Position;
                break;
            default:
                break;
        }
    }

    private void Tell(Receiver receiver, LaneItem item)
    {
        RoomEvent told = item.Event!;
        if ((item.ExceptClientId is { } except && receiver.ClientId == except) || (told.IsForPresence && !receiver.HearsPresence))
        {
            return;
        }

        if (receiver.Start is not { } start)
        {
            if (_isWanted)
            {
                Deliver(receiver, told, _gap);
            }
        }
        else if (start.Held is not { } held)
        {
            Send(receiver, told);
        }
        else if (held.Count < owner.MaxHeld)
        {
            held.Add(told);
        }
        else if (!told.IsPassing)
        {
            receiver.CloseTooSlow();
        }
    }

    private void Send(Receiver receiver, RoomEvent told)
    {
        if (receiver.Start is not { } start)
        {
            Deliver(receiver, told, gap: null);
        }
        else if (start.Wants(told, out RoomPosition? gapBefore))
        {
            Deliver(receiver, told, gapBefore is { } gap ? new ResetEvent(told.Room, gap) : null);
        }

        Meet(receiver);
    }

    private void Deliver(Receiver receiver, RoomEvent told, ResetEvent? gap)
    {
        if (gap is not null)
        {
            receiver.Deliver(gap, owner.SlowConsumer);
        }

        if (receiver.Deliver(told, owner.SlowConsumer))
        {
            _told++;
        }
    }

    private void SendHeld(Receiver receiver)
    {
        if (receiver.Start is not { Held: { } held } start)
        {
            return;
        }

        foreach (RoomEvent told in held)
        {
            Send(receiver, told);
        }

        start.Held = null;
        Meet(receiver);
    }

    /// <summary>A receiver that stands where its lane does needs no start of its own. The lane of only one stands where it does.</summary>
    private void Meet(Receiver receiver)
    {
        if (receiver.Start is not { IsSettled: true } start)
        {
            return;
        }

        if (_count == 1 && receiver.Index == 0)
        {
            _position = start.Position;
            _verification = start.Verification;
        }

        if (start.Position == _position)
        {
            receiver.Start = null;
        }
    }

    private void Add(Receiver receiver)
    {
        if (receiver.Index >= 0)
        {
            return;
        }

        if (_count == _receivers.Length)
        {
            Array.Resize(ref _receivers, _count == 0 ? 1 : Growth.After(_count));
        }

        receiver.Index = _count;
        _receivers[_count++] = receiver;
    }

    private void Remove(Receiver receiver)
    {
        receiver.Start = null;
        if (receiver.Index < 0)
        {
            return;
        }

        Receiver last = _receivers[--_count];
        _receivers[receiver.Index] = last;
        last.Index = receiver.Index;
        _receivers[_count] = null!;
        receiver.Index = -1;
    }
}
