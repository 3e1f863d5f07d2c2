namespace Longwire.Protocol;

/// <summary>The limits of a receiver. Immutable; one object serves any number of connections.</summary>
public sealed record ReceiverLimits
{
    /// <summary>The defaults: a new object each time, so that nobody changes everybody's.</summary>
    public static ReceiverLimits Default => new();

    /// <summary>
    /// The largest message in bytes; a larger one fails with 1009, at its header where that tells. Default 1 MiB, at most 1 GiB.
    /// </summary>
    public int MaxMessageBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxMessageBytes));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 30, nameof(MaxMessageBytes));
            field = value;
        }
    } = 1 << 20;

    /// <summary>
    /// When above 0, a message that doesn't lie whole in the input, in one frame, is handed out in parts as it comes, and this is the
    /// largest message, not <see cref="MaxMessageBytes"/>. Default 0, at most 1 PiB.
    /// </summary>
    public long MaxStreamedMessageBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxStreamedMessageBytes));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1L << 50, nameof(MaxStreamedMessageBytes));
            field = value;
        }
    }

    /// <summary>The most frames that one message may come in, empty ones counted; more fail with 1008. Default 131,072.</summary>
    public int MaxFragments
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxFragments));
            field = value;
        }
    } = 131_072;

    /// <summary>Whether messages are handed out in parts.</summary>
    internal bool InParts => MaxStreamedMessageBytes != 0;

    /// <summary>The largest message, however it is handed out.</summary>
    internal long LargestMessageBytes => InParts ? MaxStreamedMessageBytes : MaxMessageBytes;
}
