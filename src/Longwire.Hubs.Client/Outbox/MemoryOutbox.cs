namespace Longwire.Hubs.Client;

/// <summary>Keeps nothing beside what the client has in memory.</summary>
internal sealed class MemoryOutbox : Outbox
{
    internal override OutboxJournal Open() => new NoJournal();

    private sealed class NoJournal : OutboxJournal
    {
        public override string Producer { get; } = NewProducer();

        public override string? Destination => null;

        public override IReadOnlyList<OutboxEntry> Entries => [];
    }
}
