namespace Longwire.Protocol;

/// <summary>
/// The cause of the end of the peer's direction. The end of its TCP may follow its Close or its fault; a fault and a Close exclude each
/// other.
/// </summary>
[Flags]
internal enum PeerEnd : byte
{
    /// <summary>Nothing: the peer may send.</summary>
    None = 0,

    /// <summary>The peer's Close frame. Bytes behind it are ignored (RFC 6455 §5.5.1).</summary>
    Close = 1,

    /// <summary>A broken rule, or an error of this side's handler: this side fails the connection (RFC 6455 §7.1.7).</summary>
    Fault = 2,

    /// <summary>The end of the peer's direction of TCP, in good order.</summary>
    Tcp = 4,
}
