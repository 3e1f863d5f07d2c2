namespace Longwire.Hubs;

/// <summary>
/// A named topic and those of its members that are on this node. One lock guards it; it is held while a publication is handed to
/// the members' send queues, which never waits, so that all get the same order. Public members are safe from any thread.
/// </summary>
public sealed class Room
{
    private readonly Hub _hub;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, RoomMember>? _owedLeaves;
    private Membership[] _receivers = [];
    private int _receiverCount;
    private int _holders;
    private bool _closing;
    private int _members;
    private RoomPosition? _position;

    internal Room(Hub hub, string name, RoomOptions options)
    {
        _hub = hub;
        Name = name;
        Settings = options;
    }

    /// <summary>The room's name.</summary>
    public string Name { get; }

    /// <summary>The room's options: a copy each time.</summary>
    public RoomOptions Options => Settings with { };

    internal RoomOptions Settings { get; }

    /// <summary>How many members the room has, on all nodes, as far as this one was told.</summary>
    public int Members => Volatile.Read(ref _members);

    /// <summary>The position of the newest publication this node has seen.</summary>
    public RoomPosition Position
    {
        get
        {
            lock (_gate)
            {
                return _position.GetValueOrDefault(new RoomPosition("", 0));
            }
        }
    }

    /// <summary>Completes when the engine has subscribed this node to the room; fails when it could not.</summary>
    internal Task Subscribed => _subscribed.Task;

    /// <summary>Completes when the room has been given up, and another of the same name may take its place.</summary>
    internal Task Closed => _closed.Task;

    /// <summary>Holds the room, so that it is not given up. The first holder has to see to the subscription.</summary>
    internal HoldResult TryHold(out bool first)
    {
        lock (_gate)
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

    /// <summary>Lets go. True for the last holder, who has to give the room up: nobody can hold it any more.</summary>
    internal bool Release()
    {
        lock (_gate)
        {
            _closing = --_holders == 0;
            return _closing;
        }
    }

    internal void OnSubscribed(RoomPosition position)
    {
        lock (_gate)
        {
            // A publication that was quicker knows better.
            _position ??= position;
        }

        _subscribed.SetResult();
    }

    internal void OnSubscribeFailed(Exception exception)
    {
        _subscribed.SetException(exception);
        _ = _subscribed.Task.Exception;
    }

    internal void OnClosed() => _closed.SetResult();

    /// <summary>The engine could not be told that the room was given up, and is about to be told again.</summary>
    internal void CloseAgain() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The engine could not be told that a member has left: it is owed that.</summary>
    internal void OweLeave(RoomMember member)
    {
        lock (_gate)
        {
            (_owedLeaves ??= new Dictionary<string, RoomMember>(StringComparer.Ordinal))[member.ClientId] = member;
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
            lock (_gate)
            {
                return _owedLeaves is { Count: > 0 };
            }
        }
    }

    internal RoomMember[] OwedLeaves()
    {
        lock (_gate)
        {
            return _owedLeaves is null ? [] : [.. _owedLeaves.Values];
        }
    }

    internal bool OwesLeave(string clientId)
    {
        lock (_gate)
        {
            return _owedLeaves is not null && _owedLeaves.ContainsKey(clientId);
        }
    }

    internal void ForgetLeave(string clientId)
    {
        lock (_gate)
        {
            _owedLeaves?.Remove(clientId);
        }
    }

    /// <summary>Tells the session that it has joined, and delivers to it from here on: nothing is missed or told twice.</summary>
    internal void Activate(Membership membership, string? id)
    {
        lock (_gate)
        {
            using var scope = DeliveryScope.Enter();
            ServerMessages.SendJoinedRoom(membership.Session, Name, _members, _position!.Value, recovered: false, [], id);
            AddReceiver(membership);
        }
    }

    /// <summary>
    /// From here on what comes is kept for the member, while its history is read. Returns whether it got everything before.
    /// </summary>
    internal bool BeginCatchUp(Membership membership)
    {
        lock (_gate)
        {
            bool wasReceiving = membership.Index >= 0;
            membership.Held = [];
            AddReceiver(membership);
            return wasReceiving;
        }
    }

    /// <summary>The history could not be read: the member gets everything, or nothing, as before.</summary>
    internal void AbandonCatchUp(Membership membership, bool wasReceiving)
    {
        lock (_gate)
        {
            if (!wasReceiving)
            {
                RemoveReceiver(membership);
                return;
            }

            using var scope = DeliveryScope.Enter();
            DeliverHeld(membership);
        }
    }

    /// <summary>Tells the session that it has joined, with the history read, and what came since.</summary>
    internal void CompleteCatchUp(Membership membership, RoomPosition readAt, bool recovered, ReadOnlySpan<Publication> history, string? id)
    {
        lock (_gate)
        {
            using var scope = DeliveryScope.Enter();
            membership.CoveredTo = readAt;
            ServerMessages.SendJoinedRoom(membership.Session, Name, _members, readAt, recovered, history, id);
            DeliverHeld(membership);
        }
    }

    /// <summary>Stops delivering to a member; it stays one.</summary>
    internal void Deactivate(Membership membership)
    {
        lock (_gate)
        {
            RemoveReceiver(membership);
        }
    }

    internal void Deliver(Publication publication)
    {
        PreparedMessage? prepared = null;
        int sent = 0;
        lock (_gate)
        {
            using var scope = DeliveryScope.Enter();
            _position = publication.Position;
            if (_receiverCount > 0)
            {
                prepared = PublicationJson.Prepare(publication);
            }

            // From the end, because a member that is removed meanwhile by this thread is replaced by one already served.
            for (int i = _receiverCount - 1; i >= 0; i--)
            {
                if (Send(_receivers[i], publication.Position, prepared!, Settings.SlowConsumer))
                {
                    sent++;
                }
            }
        }

        _hub.Metrics.MessagesSent(sent);
    }

    internal void OnMembership(MembershipChange change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _members, change.Members);
        }

        if (change.IsFirstOrLastOfUser && change.Members <= Settings.AnnouncedMembers && !_hub.IsStopping)
        {
            SendToReceivers(BroadcastMessages.Membership(Name, change), change.Member.ClientId);
        }
    }

    internal void SendToReceivers(PreparedMessage message, string? exceptClientId)
    {
        int sent = 0;
        lock (_gate)
        {
            using var scope = DeliveryScope.Enter();
            for (int i = _receiverCount - 1; i >= 0; i--)
            {
                Membership membership = _receivers[i];
                if (
                    membership.Session.ClientId != exceptClientId
                    && Send(membership, position: null, message, SlowConsumerPolicy.Disconnect)
                )
                {
                    sent++;
                }
            }
        }

        _hub.Metrics.MessagesSent(sent);
    }

    private static void DeliverHeld(Membership membership)
    {
        List<Membership.HeldMessage>? held = membership.Held;
        membership.Held = null;
        foreach ((RoomPosition? position, PreparedMessage? message) in held ?? [])
        {
            if (position is not { } place || !membership.IsCovered(place))
            {
                membership.Session.Deliver(message);
            }
        }
    }

    private bool Send(Membership membership, RoomPosition? position, PreparedMessage message, SlowConsumerPolicy policy)
    {
        if (membership.Held is { } held)
        {
            if (held.Count < _hub.Settings.MaxHistoryMessages)
            {
                held.Add(new Membership.HeldMessage(position, message));
            }
            else
            {
                // More came than may be kept while its history is read: it has to start over.
                membership.Session.CloseTooSlow();
            }

            return false;
        }

        return (position is not { } place || !membership.IsCovered(place)) && membership.Session.Deliver(message, policy);
    }

    private void AddReceiver(Membership membership)
    {
        if (membership.Index >= 0)
        {
            return;
        }

        if (_receiverCount == _receivers.Length)
        {
            Array.Resize(ref _receivers, Math.Max(4, _receiverCount * 2));
        }

        membership.Index = _receiverCount;
        _receivers[_receiverCount++] = membership;
    }

    private void RemoveReceiver(Membership membership)
    {
        membership.Held = null;
        if (membership.Index < 0)
        {
            return;
        }

        Membership last = _receivers[--_receiverCount];
        _receivers[membership.Index] = last;
        last.Index = membership.Index;
        _receivers[_receiverCount] = null!;
        membership.Index = -1;
    }

    /// <summary>What came of trying to hold a room.</summary>
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
