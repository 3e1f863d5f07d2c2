namespace Longwire.Hubs.Client;

/// <summary>Keeps what is in the outbox in a file.</summary>
internal sealed class FileOutbox(string path, bool flushToDisk) : Outbox
{
    internal override OutboxJournal Open() => new FileJournal(path, flushToDisk);
}
