namespace Longwire.Fuzzing;

/// <summary>The setup that the first bytes of a receiver's input encode: role, extension, limits, cuts.</summary>
internal sealed class ReceiverSetup
{
    public ReceiverSetup(byte[] input)
    {
        var reader = new InputReader(input);
        byte flags = reader.Byte();
        Role = (flags & 1) != 0 ? WebSocketRole.Client : WebSocketRole.Server;
        Deflate = (flags & 2) != 0;
        Takeover = (flags & 4) != 0;
        WindowBits = (flags & 8) != 0 ? reader.InRange(8, 15) : 15 + (0 * reader.Byte());
        int limit = reader.Byte() % 4;
        int size = reader.Short();
        Limits = limit switch
        {
            0 => new ReceiverLimits { MaxMessageBytes = 1 + (size % 400) },
            1 => new ReceiverLimits { MaxMessageBytes = 1 << 30 },
            _ => ReceiverLimits.Default,
        };
        int fragments = reader.Byte() % 8;
        if (fragments != 0)
        {
            Limits = Limits with { MaxFragments = fragments };
        }

        SplitSeed = reader.Short();
    }

    public WebSocketRole Role { get; }

    public bool Deflate { get; }

    /// <summary>Whether the peer's messages refer to those before them.</summary>
    public bool Takeover { get; }

    /// <summary>The peer's window.</summary>
    public int WindowBits { get; }

    public ReceiverLimits Limits { get; }

    public int SplitSeed { get; }

    public PerMessageDeflate? CreateDeflate(DeflatePool pool)
    {
        if (!Deflate)
        {
            return null;
        }

        var parameters = new DeflateParameters(!Takeover, !Takeover, WindowBits, WindowBits);
        // With a window of its own our side holds a compressor's lease only when it takes the context over.
        DeflateOptions options = new() { Enabled = true };
        return Role == WebSocketRole.Server
            ? PerMessageDeflate.ForServer(parameters with { ServerNoContextTakeover = true }, options, pool)
            : PerMessageDeflate.ForClient(parameters with { ClientNoContextTakeover = true }, options, pool);
    }
}
