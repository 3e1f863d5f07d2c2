namespace Longwire.Conformance;

/// <summary>One offer of permessage-deflate as the suite makes it, or accepts it when it is the server.</summary>
/// <param name="NoContextTakeover">The peer is asked to start each message with an empty window.</param>
/// <param name="WindowBits">The peer is asked to compress with a window of so many bits; 0: not asked.</param>
internal sealed record DeflateOffer(bool NoContextTakeover, int WindowBits)
{
    /// <summary>As a client says it, with both hints that it can take in return.</summary>
    public string ToHeader() =>
        "permessage-deflate; client_no_context_takeover; client_max_window_bits"
        + (NoContextTakeover ? "; server_no_context_takeover" : "")
        + (WindowBits != 0 ? $"; server_max_window_bits={WindowBits}" : "");
}
