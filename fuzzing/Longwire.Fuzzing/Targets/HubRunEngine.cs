using System.Globalization;
using System.Text;

namespace Longwire.Fuzzing;

/// <summary>
/// A node's engine of which the run is the clock: a call may be kept, before or after it is carried out, until a step lets it go on; and a
/// frozen node hears nothing until it thaws. All of it happens on the run's thread.
/// </summary>
internal sealed class HubRunEngine(MemoryHubStore store, HubModel model, HubFault fault) : IHubEngine, IPublicationStore, IPresenceStore
{
    private readonly MemoryHubEngine _inner = new(store);
    private readonly Queue<Action> _kept = new();
    private readonly Queue<Action> _unheard = new();
    private IHubNode _node = null!;
    private int _toKeep;
    private int _calls;

    public IPublicationStore Publications => this;

    public IUserStore Users => new HubRunUsers(this, _inner, model, fault);

    public IMapStore Maps => new HubRunMaps(this, _inner, model, fault);

    public IPresenceStore Presence => this;

    public ISessionStore Sessions => new HubRunSessions(this, _inner);

    public INodeBus Nodes => _inner.Nodes;

    public bool DeliversWithoutGaps => true;

    public bool TellsOfUsers => true;

    public TimeSpan IdempotencyLimit => TimeSpan.MaxValue;

    public bool IsFrozen { get; private set; }

    public ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken)
    {
        _node = node;
        return _inner.StartAsync(new Ear(this), cancellationToken);
    }

    public void Cut() => _inner.Cut();

    public void Heal()
    {
        // The node hears this inside of a call, so that this thread delivers to the members.
        using FanOutScope.Calling call = FanOutScope.Call();
        lock (_unheard)
        {
            while (_unheard.TryDequeue(out Action? tell))
            {
                tell();
            }

            IsFrozen = false;
        }

        _inner.Heal();
    }

    /// <summary>The store was away for a moment, and has come back.</summary>
    public void ComeBack()
    {
        using FanOutScope.Calling call = FanOutScope.Call();
        Hear(() => _node.OnEngineState(EngineState.Online));
    }

    public void Freeze() => IsFrozen = true;

    /// <summary>Keeps no more calls than are kept.</summary>
    public void StopKeeping() => _toKeep = 0;

    /// <summary>Keeps the next calls.</summary>
    public void Keep(int calls) => _toKeep += calls;

    /// <summary>Lets the oldest call that was kept go on. False when there is none, or the node is frozen.</summary>
    public bool LetGo()
    {
        Action? goOn;
        lock (_kept)
        {
            if (IsFrozen || !_kept.TryDequeue(out goOn))
            {
                return false;
            }
        }

        using FanOutScope.Calling call = FanOutScope.Call();
        goOn();
        return true;
    }

    public ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken) =>
        CallAsync(() => _inner.Publications.SubscribeAsync(room, cancellationToken));

    public async ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken) =>
        await CallAsync(async () =>
        {
            await _inner.Publications.UnsubscribeAsync(room, cancellationToken);
            return true;
        });

    public ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        StoreOptions options,
        CancellationToken cancellationToken
    ) =>
        CallAsync(() =>
        {
            if (fault == HubFault.NoDeduplication)
            {
                options = options with { IdempotencyKey = null };
            }

            if (fault == HubFault.OffsetUsedTwice && ++_calls % 5 == 0)
            {
                store.LoseNewest(1);
            }

            if (fault == HubFault.AckWithoutPublishing && options.IdempotencyKey is not null && ++_calls % 5 == 0)
            {
                return ValueTask.FromResult(new PublishResult(new RoomPosition("lie", 1), PublishOutcome.Published));
            }

            lock (model)
            {
                ValueTask<PublishResult> publishing = _inner.Publications.PublishAsync(room, draft, options, cancellationToken);
                PublishResult result = publishing.AsTask().GetAwaiter().GetResult();
                model.OnPublish(room, draft, options.IdempotencyKey, result);
                return ValueTask.FromResult(result);
            }
        });

    public ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            HistoryPage page = await _inner.Publications.ReadHistoryAsync(room, query, cancellationToken);
            return fault == HubFault.HoleInHistory && page.Publications.Count > 1
                ? page with
                {
                    Publications = [.. page.Publications.Take(1), .. page.Publications.Skip(2)],
                }
                : page;
        });

    /// <summary>Loads a room's state, which is how much was published in it; at once or late, as the engine's calls are.</summary>
    public ValueTask<RoomState> LoadAsync(string room) =>
        CallAsync(() =>
        {
            int published;
            lock (model)
            {
                published = model.Published(room) - (fault == HubFault.OldState ? 1 : 0);
            }

            return ValueTask.FromResult(new RoomState(Encoding.UTF8.GetBytes(published.ToString(CultureInfo.InvariantCulture))));
        });

    public ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        IsFrozen ? ValueTask.FromResult(true) : _inner.Presence.RenewLeaseAsync(duration, cancellationToken);

    public ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        CallAsync(() => _inner.Presence.AddAsync(room, members, cancellationToken));

    public ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        fault == HubFault.LeakedMember
            ? ValueTask.FromResult(0)
            : CallAsync(() => _inner.Presence.RemoveAsync(room, members, cancellationToken));

    public async ValueTask UpdateAsync(string room, RoomMember member, CancellationToken cancellationToken) =>
        await CallAsync(async () =>
        {
            await _inner.Presence.UpdateAsync(room, member, cancellationToken);
            return true;
        });

    public ValueTask<PresencePage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            PresencePage page = await _inner.Presence.ReadAsync(room, after, limit, cancellationToken);
            return fault == HubFault.ForgottenLeave
                ? page with
                {
                    Entries = [.. page.Entries.Where(static user => user.Connections > 0)],
                }
                : page;
        });

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Makes a call, now or when it is let go.</summary>
    public ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call)
    {
        if (!IsFrozen && _toKeep == 0)
        {
            return call();
        }

        _toKeep = Math.Max(0, _toKeep - 1);
        // Its continuation runs where it is completed: on the run's thread.
        var kept = new TaskCompletionSource<T>();
        bool isDone = !IsFrozen && _toKeep % 2 == 1;
        ValueTask<T> result = isDone ? call() : default;
        lock (_kept)
        {
            _kept.Enqueue(() =>
            {
                try
                {
                    T value = (isDone ? result : call()).AsTask().GetAwaiter().GetResult();
                    kept.SetResult(value);
                }
                catch (HubUnavailableException exception)
                {
                    kept.SetException(exception);
                }
            });
        }

        return new ValueTask<T>(kept.Task);
    }

    private void Hear(Action tell)
    {
        lock (_unheard)
        {
            if (IsFrozen)
            {
                _unheard.Enqueue(tell);
                return;
            }
        }

        tell();
    }

    private sealed class Ear(HubRunEngine owner) : IHubNode
    {
        public string Id => owner._node.Id;

        public void OnPublication(string room, Publication publication) => owner.Hear(() => owner._node.OnPublication(room, publication));

        public void OnPresence(string room, PresenceChange change) => owner.Hear(() => owner._node.OnPresence(room, change));

        public void OnCommand(NodeCommand command) => owner.Hear(() => owner._node.OnCommand(command));

        public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => owner._node.OnQuestionAsync(question);

        public void OnBlock(AccessBlock block) => owner.Hear(() => owner._node.OnBlock(block));

        public void OnEngineState(EngineState state) => owner.Hear(() => owner._node.OnEngineState(state));
    }
}

/// <summary>The fields that the run reads of a draft.</summary>
internal static class HubRunDraft
{
    public static string Text(this PublicationDraft draft) => Encoding.UTF8.GetString(draft.Content.Span).Trim('"');
}
