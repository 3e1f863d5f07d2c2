namespace Longwire.Protocol;

/// <summary>
/// How an endpoint negotiates and uses permessage-deflate (RFC 7692). Immutable. The defaults cost no memory per connection: neither side
/// keeps a context, so compressors and decompressors are shared by all connections and an idle connection holds none.
/// </summary>
/// <remarks>
/// <para>
/// Context takeover compresses many small, similar messages far better (1 KiB of JSON that differs in a few fields: to 70 bytes instead
/// of 550) and faster, at the price of native memory held as long as the connection lives: 352 KB for a compressor at the default window
/// and memory level, 164 KB at a window of 12 and memory level 5, and 42 KB for a decompressor at any window. <see cref="DeflateBudget"/>
/// bounds the sum.
/// </para>
/// <para>
/// Do not compress secrets together with what an attacker can choose: the length of the result tells (as in the CRIME and BREACH attacks).
/// </para>
/// </remarks>
public sealed record DeflateOptions
{
    /// <summary>Whether to offer or accept the extension at all. Default <see langword="false"/>.</summary>
    public bool Enabled { get; init; }

    /// <summary>
    /// Whether the server must start each message afresh. Default <see langword="true"/>. A server imposes it, a client asks for it.
    /// </summary>
    public bool ServerNoContextTakeover { get; init; } = true;

    /// <summary>
    /// Whether the client must start each message afresh. Default <see langword="true"/>. A server imposes it, a client announces it.
    /// </summary>
    public bool ClientNoContextTakeover { get; init; } = true;

    /// <summary>Base-2 logarithm of the largest window that the server compresses with, 9 to 15. Default 15.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not within 9 to 15.</exception>
    public int ServerMaxWindowBits
    {
        get;
        init => field = CheckWindowBits(value, nameof(ServerMaxWindowBits));
    } = 15;

    /// <summary>Base-2 logarithm of the largest window that the client compresses with, 9 to 15. Default 15.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not within 9 to 15.</exception>
    public int ClientMaxWindowBits
    {
        get;
        init => field = CheckWindowBits(value, nameof(ClientMaxWindowBits));
    } = 15;

    /// <summary>
    /// Effort of our compressor, 0 to 9. Default 2, zlib-ng's fastest with codes made for the message. On JSON level 6 takes three times as
    /// long to save a tenth of the bytes; level 1 halves the time and adds a third to the bytes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not within 0 to 9.</exception>
    public int Level
    {
        get;
        init => field = DeflateArgument.InRange(value, 0, 9, nameof(Level));
    } = 2;

    /// <summary>Memory level of our compressor, 1 to 9. Default 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not within 1 to 9.</exception>
    public int MemoryLevel
    {
        get;
        init => field = DeflateArgument.InRange(value, 1, 9, nameof(MemoryLevel));
    } = 8;

    /// <summary>
    /// Messages shorter than this are sent uncompressed. Default 256 bytes. It holds only where we compress without context takeover:
    /// with it all messages are compressed, because some old browsers go wrong on a mix, and because short messages gain the most from it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int ThresholdBytes
    {
        get;
        init => field = DeflateArgument.InRange(value, 0, int.MaxValue, nameof(ThresholdBytes));
    } = 256;

    private static int CheckWindowBits(int value, string name) =>
        DeflateArgument.InRange(value, CompressorSettings.MinWindowBits, CompressorSettings.MaxWindowBits, name);
}
