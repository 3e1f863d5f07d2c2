namespace Longwire.Hubs.Tests;

/// <summary>
/// An engine that loses what it should tell its node, when told so, as one does that does not promise to tell everything.
/// </summary>
internal sealed class LossyEngine(IHubEngine inner) : IHubEngine, IPublicationStore
{
    public bool Loses { get; set; }

    public IPublicationStore Publications => this;

    public IUserStore Users => inner.Users;

    public IMapStore Maps => inner.Maps;

    public IPresenceStore Presence => inner.Presence;

    public ISessionStore Sessions => inner.Sessions;

    public INodeBus Nodes => inner.Nodes;

    public bool DeliversWithoutGaps { get; set; }

    public TimeSpan IdempotencyLimit => inner.Publications.IdempotencyLimit;

    public ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken) =>
        inner.StartAsync(new LossyNode(this, node), cancellationToken);

    public ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken) =>
        inner.Publications.SubscribeAsync(room, cancellationToken);

    public ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken) =>
        inner.Publications.UnsubscribeAsync(room, cancellationToken);

    public ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        StoreOptions options,
        CancellationToken cancellationToken
    ) => inner.Publications.PublishAsync(room, draft, options, cancellationToken);

    public ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken) =>
        inner.Publications.ReadHistoryAsync(room, query, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class LossyNode(LossyEngine owner, IHubNode node) : IHubNode
    {
        public string Id => node.Id;

        public void OnPublication(string room, Publication publication)
        {
            if (!owner.Loses)
            {
                node.OnPublication(room, publication);
            }
        }

        public void OnPresence(string room, PresenceChange change) => node.OnPresence(room, change);

        public void OnCommand(NodeCommand command) => node.OnCommand(command);

        public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => node.OnQuestionAsync(question);

        public void OnBlock(AccessBlock block) => node.OnBlock(block);

        public void OnEngineState(EngineState state) => node.OnEngineState(state);
    }
}
