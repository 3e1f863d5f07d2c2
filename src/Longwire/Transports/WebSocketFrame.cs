using Longwire.Protocol;

namespace Longwire;

/// <summary>The header of a frame (RFC 6455 §5.2), as an <see cref="IWebSocketFrameObserver"/> sees it. Its payload isn't shown.</summary>
/// <param name="IsSent">Whether this side has sent it.</param>
/// <param name="Opcode">The opcode.</param>
/// <param name="IsFinal">Whether it is the last frame of its message.</param>
/// <param name="IsCompressed">Whether it begins a compressed message (RSV1, RFC 7692 §6).</param>
/// <param name="PayloadLength">The payload's length on the wire, in bytes.</param>
public readonly record struct WebSocketFrame(bool IsSent, Opcode Opcode, bool IsFinal, bool IsCompressed, long PayloadLength);
