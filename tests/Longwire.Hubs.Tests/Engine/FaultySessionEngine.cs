using System.Collections.Concurrent;

namespace Longwire.Hubs.Tests;

/// <summary>An engine that is right but for one fault about sessions.</summary>
internal sealed class FaultySessionEngine(IHubEngine inner, SessionFault fault, FaultySessionEngine.Known known)
    : IHubEngine,
        ISessionStore,
        IPresenceStore,
        INodeBus
{
    private IHubNode _node = null!;

    public IHubEngine Inner => inner;

    public IPublicationStore Publications => inner.Publications;

    public IMapStore Maps => inner.Maps;

    public IPresenceStore Presence => this;

    public IUserStore Users => inner.Users;

    public ISessionStore Sessions => this;

    public INodeBus Nodes => this;

    public ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken)
    {
        _node = node;
        return inner.StartAsync(node, cancellationToken);
    }

    public async ValueTask<long> SaveAsync(SessionRecord session, long generation, TimeSpan age, CancellationToken cancellationToken)
    {
        try
        {
            SessionRecord saved = session with
            {
                User = fault == SessionFault.LosesClaims ? session.User with { Claims = [] } : session.User,
                Rooms = fault == SessionFault.LosesRooms ? [] : session.Rooms,
                FormerSecret = fault == SessionFault.ForgetsTheSecretBefore ? null : session.FormerSecret,
                FormerSecretAge =
                    fault == SessionFault.TakesByTheSecretBeforeForever && session.FormerSecret is not null
                        ? TimeSpan.FromDays(1)
                        : session.FormerSecretAge,
            };
            age = fault == SessionFault.NeverForgets ? TimeSpan.FromDays(1) : age;
            long given = await inner.Sessions.SaveAsync(saved, generation, age, cancellationToken);
            known.Last.TryAdd(session.ClientId, (saved, _node.Id, generation));
            return given == 0 && fault == SessionFault.SavesForAnybody ? generation
                : given > 1 && generation > 0 && fault == SessionFault.SavesWhatItForgotAsBefore ? generation
                : given;
        }
        catch (HubUnavailableException) when (fault == SessionFault.PretendsWhenAway)
        {
            return generation;
        }
    }

    public async ValueTask<TakenSession?> TakeAsync(string clientId, SecretHash secret, CancellationToken cancellationToken)
    {
        if (fault == SessionFault.TakesByAnySecret && known.Last.TryGetValue(clientId, out (SessionRecord Record, string, long) last))
        {
            secret = last.Record.Secret;
        }

        if (fault == SessionFault.ForgetsWhileTheNodeLives && known.IsOld)
        {
            return null;
        }

        TakenSession? taken = await inner.Sessions.TakeAsync(clientId, secret, cancellationToken);
        if (taken is null && fault == SessionFault.BringsBackWhatWasRemoved && known.Removed.TryGetValue(clientId, out SessionRecord? old))
        {
            return new TakenSession(old, 9, 8, _node.Id);
        }

        known.Generations.Add(taken?.Generation ?? 1);
        return taken is not null && fault == SessionFault.KeepsTheGeneration ? taken with { Generation = 1 } : taken;
    }

    public async ValueTask<string?> FindNodeAsync(string clientId, CancellationToken cancellationToken)
    {
        string? found = await inner.Sessions.FindNodeAsync(clientId, cancellationToken);
        return fault == SessionFault.FindsTheFirstNode && known.Last.TryGetValue(clientId, out (SessionRecord, string Node, long) first)
                ? first.Node
            : fault == SessionFault.ForgetsWhileTheNodeLives && known.IsOld ? null
            : found;
    }

    public async ValueTask RemoveAsync(string clientId, long generation, CancellationToken cancellationToken)
    {
        if (fault == SessionFault.RemovesNothing)
        {
            return;
        }

        if (known.Last.TryGetValue(clientId, out (SessionRecord Record, string, long) last))
        {
            known.Removed[clientId] = last.Record;
        }

        await inner.Sessions.RemoveAsync(clientId, generation, cancellationToken);
        if (fault == SessionFault.RemovesForAnybody)
        {
            foreach (FaultySessionEngine engine in known.Engines)
            {
                await engine.RemoveAllAsync(clientId, cancellationToken);
            }
        }
    }

    public ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        inner.Presence.AddAsync(
            room,
            fault == SessionFault.MovesMembersBack ? [.. members.Select(static member => member with { Generation = 9 })] : members,
            cancellationToken
        );

    public ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken) =>
        inner.Presence.RemoveAsync(room, members, cancellationToken);

    public ValueTask UpdateAsync(string room, RoomMember member, CancellationToken cancellationToken) =>
        inner.Presence.UpdateAsync(room, member, cancellationToken);

    public ValueTask<PresencePage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken) =>
        inner.Presence.ReadAsync(room, after, limit, cancellationToken);

    public ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        inner.Presence.RenewLeaseAsync(duration, cancellationToken);

    public ValueTask BroadcastAsync(NodeCommand command, CancellationToken cancellationToken) =>
        inner.Nodes.BroadcastAsync(command, cancellationToken);

    public ValueTask SendAsync(string node, NodeCommand command, CancellationToken cancellationToken) =>
        inner.Nodes.SendAsync(node, command, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> AskAsync(string node, NodeQuestion question, CancellationToken cancellationToken) =>
        inner.Nodes.AskAsync(fault == SessionFault.AnswersForOthers ? _node.Id : node, question, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task RemoveAllAsync(string clientId, CancellationToken cancellationToken)
    {
        foreach (long generation in (long[])[1, .. known.Generations])
        {
            await inner.Sessions.RemoveAsync(clientId, generation, cancellationToken);
        }
    }

    /// <summary>The knowledge that the engines of one world share.</summary>
    internal sealed class Known
    {
        public ConcurrentDictionary<string, (SessionRecord Record, string Node, long Generation)> Last { get; } = new();

        public ConcurrentDictionary<string, SessionRecord> Removed { get; } = new();

        public ConcurrentBag<long> Generations { get; } = [];

        public ConcurrentBag<FaultySessionEngine> Engines { get; } = [];

        public TimeSpan Passed { get; set; }

        /// <summary>Whether it is longer ago that sessions were saved than they can be resumed.</summary>
        public bool IsOld => Passed > TimeSpan.FromMinutes(2);
    }
}
