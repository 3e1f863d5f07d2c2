namespace Longwire.Cli.Bench;

/// <summary>Sees the payload of a message as it comes, piece by piece.</summary>
internal abstract class PayloadObserver
{
    /// <param name="offset">How many bytes of the message came before.</param>
    /// <param name="piece">The bytes, as they are on the wire.</param>
    public abstract void OnPayload(long offset, ReadOnlySpan<byte> piece);
}
