namespace Longwire.Protocol;

/// <summary>Why a server refuses an opening handshake.</summary>
/// <param name="StatusCode">The status of the HTTP response: 400, 403, 405, 426 or 503.</param>
/// <param name="Reason">The fault, in words for the developer of the client. It never repeats what the request said.</param>
public sealed record HandshakeRefusal(int StatusCode, string Reason);
