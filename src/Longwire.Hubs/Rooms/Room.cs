namespace Longwire.Hubs;

/// <summary>
/// A named topic and those of its members that are on this node. It sees to it that all of them are told the same in the same order, and
/// that nothing is missing without their being told. Public members are safe from any thread.
/// </summary>
public sealed partial class Room
{
    private readonly NodeContext _node;
    private readonly FanOut _fanOut;
    private TaskCompletionSource? _subscribed;
    private TaskCompletionSource? _closed;
    private Dictionary<string, RoomMember>? _owedLeaves;
    private int _holders;
    private bool _closing;
    private int _members;

    internal Room(NodeContext node, string name, RoomOptions options)
    {
        _node = node;
        Name = name;
        Settings = options;
        Rates = RoomRates.Of(options);
        _fanOut = new FanOut(node, options.SlowConsumer);
    }

    /// <summary>The room's name.</summary>
    public string Name { get; }

    /// <summary>The room's options: a copy each time.</summary>
    public RoomOptions Options => Settings with { };

    internal RoomOptions Settings { get; }

    /// <summary>How fast its members may send and join; null for as fast as they may by themselves.</summary>
    internal RoomRates? Rates { get; }

    /// <summary>By which an administrator watches the room; null when nobody does.</summary>
    internal LiveTrace? Trace { get; set; }

    /// <summary>How much waits to be told to the members.</summary>
    internal int Waiting
    {
        get
        {
            lock (_fanOut)
            {
                return _fanOut.Waiting;
            }
        }
    }

    /// <summary>How many members the room has, on all nodes, as far as this one was told.</summary>
    public int Members => Volatile.Read(ref _members);

    /// <summary>The position of the newest publication this node has seen.</summary>
    public RoomPosition Position
    {
        get
        {
            lock (_fanOut)
            {
                return _position;
            }
        }
    }

    /// <summary>Completes when the engine has subscribed this node to the room; fails when it could not.</summary>
    internal Task Subscribed
    {
        get
        {
            lock (_fanOut)
            {
                return _phase == Phase.Subscribing ? (_subscribed ??= NewSource()).Task : Task.CompletedTask;
            }
        }
    }

    /// <summary>Completes when the room has been given up, and another of the same name may take its place.</summary>
    internal Task Closed
    {
        get
        {
            lock (_fanOut)
            {
                return (_closed ??= NewSource()).Task;
            }
        }
    }

    /// <summary>Holds the room, so that it is not given up. The first holder has to see to the subscription.</summary>
    internal HoldResult TryHold(out bool first)
    {
        lock (_fanOut)
        {
            first = false;
            if (_closing)
            {
                return HoldResult.Closing;
            }

            if (_holders + (_owedLeaves?.Count ?? 0) >= Settings.MaxMembers)
            {
                return HoldResult.Full;
            }

            first = _holders++ == 0;
            return HoldResult.Held;
        }
    }

    /// <summary>Holds the room beside its members, unless it is being given up.</summary>
    internal bool TryKeep()
    {
        lock (_fanOut)
        {
            if (_closing || _holders == 0)
            {
                return false;
            }

            _holders++;
            return true;
        }
    }

    /// <summary>Lets go. True for the last holder, who has to give the room up: nobody can hold it any more.</summary>
    internal bool Release()
    {
        lock (_fanOut)
        {
            _closing = --_holders == 0;
            return _closing;
        }
    }

    /// <summary>Completes when the engine has been asked to subscribe to a room of the hub's own, with or without success.</summary>
    internal Task Asked { get; set; } = Task.CompletedTask;

    /// <summary>Whether the engine could not be asked to subscribe to a room of the hub's own, and is to be asked again.</summary>
    internal bool IsSubscriptionOwed { get; set; }

    internal void OnSubscribeFailed(Exception exception)
    {
        lock (_fanOut)
        {
            TaskCompletionSource subscribed = _subscribed ??= NewSource();
            subscribed.SetException(exception);
            _ = subscribed.Task.Exception;
        }
    }

    internal void OnClosed()
    {
        lock (_fanOut)
        {
            (_closed ??= NewSource()).TrySetResult();
        }
    }

    /// <summary>The engine could not be told that the room was given up, and is about to be told again.</summary>
    internal void CloseAgain()
    {
        lock (_fanOut)
        {
            _closed = NewSource();
        }
    }

    /// <summary>
    /// The engine could not be told that a member has left: it is owed that. A leave of an earlier generation may fail later: the one of
    /// the later generation holds for both.
    /// </summary>
    internal void OweLeave(RoomMember member)
    {
        lock (_fanOut)
        {
            _owedLeaves ??= new Dictionary<string, RoomMember>(StringComparer.Ordinal);
            if (_owedLeaves.GetValueOrDefault(member.ClientId) is not { } known || known.Generation <= member.Generation)
            {
                _owedLeaves[member.ClientId] = member;
            }
        }
    }

    internal void TakeOverLeaves(Room previous)
    {
        foreach (RoomMember member in previous.OwedLeaves())
        {
            OweLeave(member);
        }
    }

    internal bool OwesLeaves
    {
        get
        {
            lock (_fanOut)
            {
                return _owedLeaves is { Count: > 0 };
            }
        }
    }

    internal RoomMember[] OwedLeaves()
    {
        lock (_fanOut)
        {
            return _owedLeaves is null ? [] : [.. _owedLeaves.Values];
        }
    }

    /// <summary>The member whose leaving the engine is owed, if it is.</summary>
    internal RoomMember? FindOwedLeave(string clientId)
    {
        lock (_fanOut)
        {
            return _owedLeaves?.GetValueOrDefault(clientId);
        }
    }

    /// <summary>The leave is not owed any more; another one of the same client, of which the caller does not know, is.</summary>
    internal void ForgetLeave(RoomMember leave)
    {
        lock (_fanOut)
        {
            if (_owedLeaves?.GetValueOrDefault(leave.ClientId) == leave)
            {
                _owedLeaves.Remove(leave.ClientId);
            }
        }
    }

    /// <summary>Tells a member that it has joined, and all that comes from here on: nothing is missed or told twice.</summary>
    internal Task JoinAsync(Receiver receiver, string? id)
    {
        TaskCompletionSource done = NewSource();
        lock (_fanOut)
        {
            _fanOut.Add(new LaneItem(LaneItemKind.Join, receiver, new JoinedEvent(Name, _members, _position, id), done));
        }

        _fanOut.Run();
        return done.Task;
    }

    /// <summary>
    /// From here on what comes is kept for the member, while its history is read. Returns whether it got everything before.
    /// </summary>
    /// <param name="receiver">The member.</param>
    /// <param name="hearsPresence">Whether it is told the differences of the room's presence, from here on.</param>
    /// <param name="position">Where the room stands: what is kept comes behind that.</param>
    internal bool BeginCatchUp(Receiver receiver, bool hearsPresence, out RoomPosition position)
    {
        bool wasReceiving;
        lock (_fanOut)
        {
            position = _position;
            wasReceiving = receiver.IsExpected;
            _isPresenceHeard |= hearsPresence;
            _fanOut.Add(new LaneItem(LaneItemKind.Hold) { Receiver = receiver, HearsPresence = hearsPresence });
        }

        _fanOut.Run();
        return wasReceiving;
    }

    /// <summary>The history could not be read: the member gets everything, or nothing, as before.</summary>
    internal void AbandonCatchUp(Receiver receiver, bool wasReceiving) =>
        Enqueue(new LaneItem(wasReceiving ? LaneItemKind.Abandon : LaneItemKind.Remove) { Receiver = receiver });

    /// <summary>
    /// Tells a member that it has joined, with what was read for it, and what came since. False when the engine was away while that was
    /// read: it has to be read again, since it may be lost.
    /// </summary>
    internal async ValueTask<bool> TryCompleteCatchUpAsync(Receiver receiver, JoinedEvent joined)
    {
        TaskCompletionSource done = NewSource();
        lock (_fanOut)
        {
            if (_verification != joined.Verification)
            {
                return false;
            }

            _fanOut.Add(new LaneItem(LaneItemKind.CatchUp, receiver, joined, done));
        }

        _fanOut.Run();
        await done.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Begins to tell a member what comes after a position, without telling it that.</summary>
    /// <remarks><see cref="Run"/> follows.</remarks>
    internal void Follow(Receiver receiver)
    {
        lock (_fanOut)
        {
            _fanOut.Add(new LaneItem(LaneItemKind.Follow) { Receiver = receiver, Event = new JoinedEvent(Name, 0, _position, null) });
        }
    }

    /// <summary>Stops telling a member anything. <see cref="Run"/> follows.</summary>
    internal void Unfollow(Receiver receiver)
    {
        lock (_fanOut)
        {
            _fanOut.Add(new LaneItem(LaneItemKind.Remove) { Receiver = receiver });
        }
    }

    /// <summary>Has done what is queued.</summary>
    internal void Run() => _fanOut.Run();

    /// <summary>Stops telling a member anything.</summary>
    internal Task RemoveAsync(Receiver receiver)
    {
        TaskCompletionSource done = NewSource();
        Enqueue(new LaneItem(LaneItemKind.Remove) { Receiver = receiver, Done = done });
        return done.Task;
    }

    private void Enqueue(LaneItem item)
    {
        lock (_fanOut)
        {
            _fanOut.Add(item);
        }

        _fanOut.Run();
    }

    /// <summary>Tells the members a message that is not kept.</summary>
    internal void Send(PublicationDraft message, string? exceptClientId)
    {
        Trace?.Told(message, position: null);
        lock (_fanOut)
        {
            _fanOut.Tell(new PassingEvent(Name, message), exceptClientId);
        }

        FanOutScope.Note(_fanOut);
    }

    /// <summary>Completes when the members have been told enough of what was published for more to be published.</summary>
    internal Task Roomy
    {
        get
        {
            lock (_fanOut)
            {
                return _fanOut.Roomy;
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The outcome of an attempt to hold a room.</summary>
    internal enum HoldResult
    {
        /// <summary>It is held.</summary>
        Held,

        /// <summary>It has as many members as it may have.</summary>
        Full,

        /// <summary>It is being given up; try again when it has been.</summary>
        Closing,
    }
}
