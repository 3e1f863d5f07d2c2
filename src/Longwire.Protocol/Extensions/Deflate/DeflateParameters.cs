namespace Longwire.Protocol;

/// <summary>The parameters that both sides agreed on in the opening handshake (RFC 7692 §7.1).</summary>
/// <param name="ServerNoContextTakeover">The server starts each message afresh.</param>
/// <param name="ClientNoContextTakeover">The client starts each message afresh.</param>
/// <param name="ServerMaxWindowBits">Base-2 logarithm of the server's largest window, 8 to 15.</param>
/// <param name="ClientMaxWindowBits">Base-2 logarithm of the client's largest window, 8 to 15.</param>
public sealed record DeflateParameters(
    bool ServerNoContextTakeover,
    bool ClientNoContextTakeover,
    int ServerMaxWindowBits = 15,
    int ClientMaxWindowBits = 15
);
