namespace Longwire.Conformance;

internal enum PeerEventKind
{
    Text,
    Binary,
    Pong,

    /// <summary>A pause passed, and the connection was still open.</summary>
    Pause,
}
