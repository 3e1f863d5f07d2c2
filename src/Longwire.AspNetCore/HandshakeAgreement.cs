using Longwire.Protocol;

namespace Longwire.AspNetCore;

/// <summary>The outcome of an opening handshake.</summary>
/// <param name="Subprotocol">The subprotocol; null for none.</param>
/// <param name="Deflate">The parameters of permessage-deflate; null when it was not agreed on.</param>
/// <param name="Extensions">The answer's <c>Sec-WebSocket-Extensions</c>; null for no such header.</param>
internal readonly record struct HandshakeAgreement(string? Subprotocol, DeflateParameters? Deflate, string? Extensions);
