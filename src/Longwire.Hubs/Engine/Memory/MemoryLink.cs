namespace Longwire.Hubs.Engines;

/// <summary>
/// A node's link to what the nodes of a process share. It may be cut or frozen, as a network is: a cut link fails calls and loses what the
/// node is told; a frozen one keeps both waiting.
/// </summary>
internal sealed class MemoryLink
{
    private readonly Lock _gate = new();
    private Queue<Action>? _waiting;

    // The first publications that a cut link has missed of each user's own room, to which the node need not have subscribed: there the rest
    // is looked for.
    private Dictionary<string, Publication>? _missed;
    private TaskCompletionSource? _thawed;
    private volatile LinkState _state;

    public MemoryLink(MemoryHubStore store)
    {
        Store = store;
        Alone = [this];
    }

    public MemoryHubStore Store { get; }

    /// <summary>The subscribers of all rooms that only this node subscribes to.</summary>
    public MemoryLink[] Alone { get; }

    public IHubNode Node { get; private set; } = null!;

    /// <summary>Until when the node's members stay without another sign of life. The store's lock on nodes guards it.</summary>
    public TimeSpan LeasedUntil { get; set; } = MonotonicClock.Never;

    public bool IsClosed { get; private set; }

    public bool IsOpen => _state == LinkState.Open;

    public void Start(IHubNode node)
    {
        if (Node is not null)
        {
            throw new InvalidOperationException("The engine has been started already.");
        }

        Node = node;
    }

    /// <summary>Returns at once when the link is open, later when it is frozen, and never when it is cut.</summary>
    /// <exception cref="HubUnavailableException">It is cut.</exception>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task thawed;
            lock (_gate)
            {
                switch (_state)
                {
                    case LinkState.Open:
                        return;
                    case LinkState.Cut:
                        throw new HubUnavailableException("This node's link to the memory engine is cut.");
                    default:
                        thawed = (_thawed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                        break;
                }
            }

            await thawed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same for somebody else who wants to reach the node: false when it is cut.</summary>
    public async ValueTask<bool> TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PassAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HubUnavailableException)
        {
            return false;
        }
    }

    public void Tell(string room, Publication publication)
    {
        if (IsOpen)
        {
            Node.OnPublication(room, publication);
        }
        else
        {
            TellLater(() => Node.OnPublication(room, publication), () => Miss(room, publication));
        }
    }

    public void Tell(string room, PresenceChange change)
    {
        if (IsOpen)
        {
            Node.OnPresence(room, change);
        }
        else
        {
            TellLater(() => Node.OnPresence(room, change));
        }
    }

    public void Tell(NodeCommand command)
    {
        if (IsOpen)
        {
            Node.OnCommand(command);
        }
        else
        {
            TellLater(() => Node.OnCommand(command));
        }
    }

    public void Tell(AccessBlock block)
    {
        if (IsOpen)
        {
            Node.OnBlock(block);
        }
        else
        {
            TellLater(() => Node.OnBlock(block));
        }
    }

    /// <summary>The node is gone; its members stay as long as its lease.</summary>
    public void Close()
    {
        IsClosed = true;
        lock (Store.NodesGate)
        {
            LeasedUntil = LeasedUntil == MonotonicClock.Never ? Store.Clock.Now : LeasedUntil;
        }

        lock (_gate)
        {
            _state = LinkState.Cut;
            _waiting = null;
        }
    }

    public void Cut() => Become(LinkState.Cut);

    public void Freeze() => Become(LinkState.Frozen);

    public void Heal()
    {
        bool wasCut;
        lock (_gate)
        {
            wasCut = _state == LinkState.Cut;
            foreach ((string room, Publication publication) in _missed ?? [])
            {
                Node.OnPublication(room, publication);
            }

            _missed = null;
            // Under the lock, so that nothing overtakes what has waited.
            while (_waiting is not null && _waiting.TryDequeue(out Action? tell))
            {
                tell();
            }

            _state = LinkState.Open;
            _thawed?.SetResult();
            _thawed = null;
        }

        if (wasCut)
        {
            Node.OnEngineState(EngineState.Online);
        }
    }

    private void Become(LinkState state)
    {
        lock (_gate)
        {
            _state = state;
            _waiting = state == LinkState.Frozen ? _waiting ?? new Queue<Action>() : null;
            _thawed?.SetResult();
            _thawed = null;
        }

        if (state == LinkState.Cut)
        {
            Node.OnEngineState(EngineState.Away);
        }
    }

    private void Miss(string room, Publication publication)
    {
        if (room.StartsWith(IPublicationStore.UserPrefix, StringComparison.Ordinal))
        {
            (_missed ??= []).TryAdd(room, publication);
        }
    }

    private void TellLater(Action tell, Action? miss = null)
    {
        lock (_gate)
        {
            switch (_state)
            {
                case LinkState.Open:
                    tell();
                    break;
                case LinkState.Frozen:
                    _waiting!.Enqueue(tell);
                    break;
                default:
                    miss?.Invoke();
                    break;
            }
        }
    }

    private enum LinkState
    {
        Open,
        Frozen,
        Cut,
    }
}
