namespace Longwire.Client;

/// <summary>The bounds of the messages that wait for a connection.</summary>
public sealed record OutboxOptions
{
    /// <summary>How many messages may wait. Default 1,000; 0 for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int MaxMessages
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 1_000;

    /// <summary>How many bytes of messages may wait; each message counts 64 bytes beside its payload. Default 4 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int MaxBytes
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 4 << 20;

    /// <summary>The treatment of a message that doesn't fit. Default <see cref="OutboxFullMode.Wait"/>.</summary>
    public OutboxFullMode WhenFull { get; set; }
}
