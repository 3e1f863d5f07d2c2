namespace Longwire.Hubs.Client;

/// <summary>Where a hub's client keeps what it has published until the hub has answered. It serves one client.</summary>
public abstract class Outbox
{
    private protected Outbox() { }

    /// <summary>An outbox in memory: it goes with the process.</summary>
    public static Outbox Memory() => new MemoryOutbox();

    /// <summary>
    /// An outbox in a file: what was published and not answered is sent by the next process that opens it, and counts once. Use one file
    /// for each user of an application.
    /// </summary>
    /// <remarks>
    /// Each publication is handed to the operating system before the call that makes it returns, so that it survives the end of the
    /// process, by SIGKILL too; whether it survives the machine's is the system's affair, unless <paramref name="flushToDisk"/> is set. A
    /// damaged tail is cut off at the last whole record. The file is locked while it is open.
    /// </remarks>
    /// <param name="path">The file; it is made where it does not exist.</param>
    /// <param name="flushToDisk">
    /// Whether each publication is also forced onto the disk, which takes milliseconds and survives a power cut. Default false.
    /// </param>
    /// <exception cref="IOException">When the client is made: the file can't be opened, or another process has it.</exception>
    /// <exception cref="InvalidDataException">When the client is made: the file is no outbox.</exception>
    public static Outbox File(string path, bool flushToDisk = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileOutbox(path, flushToDisk);
    }

    /// <summary>Begins, with what the outbox still has.</summary>
    internal abstract OutboxJournal Open();
}
