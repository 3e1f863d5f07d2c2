namespace Longwire.Conformance;

/// <summary>How a peer has ended TCP, or the stream.</summary>
internal enum PeerEnding
{
    None,
    InOrder,
    ByReset,
}
