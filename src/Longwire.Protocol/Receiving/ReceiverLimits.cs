namespace Longwire.Protocol;

/// <summary>What a receiver takes at the most. Immutable; one object serves any number of connections.</summary>
public sealed record ReceiverLimits
{
    /// <summary>The defaults.</summary>
    public static ReceiverLimits Default { get; } = new();

    /// <summary>The largest message in bytes; a larger one fails with 1009, at its header where that tells. Default 1 MiB, at most 1 GiB.</summary>
    public int MaxMessageBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 30);
            field = value;
        }
    } = 1 << 20;

    /// <summary>The most frames that one message may come in, empty ones counted; more fail with 1008. Default 131,072.</summary>
    public int MaxFragments
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 131_072;
}
