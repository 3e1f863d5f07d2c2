using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>A socket whose opening handshake is done: frames follow in both directions.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Subprotocol">The subprotocol that the server chose; null for none.</param>
/// <param name="Deflate">The agreed parameters of permessage-deflate; null for none.</param>
internal sealed record LoopUpgrade(LoopSocket Socket, string? Subprotocol, DeflateParameters? Deflate);
