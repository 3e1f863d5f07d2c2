using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>
/// The agreement that follows from both sides' parameters by RFC 7692 §7.1 and the documentation of npm `ws`, as plainly as can be.
/// </summary>
internal static class WsDeflateOracle
{
    /// <summary>Longwire's server and a client of `ws`; null when Longwire declines the offer.</summary>
    public static DeflateParameters? AgreeWithClient(WsDeflateOptions client, DeflateOptions server)
    {
        // Our compressor has no window of 8 bits, so the offer can't be honoured.
        if (client.ServerBits == 8)
        {
            return null;
        }

        bool mayLimitClient = client.ClientMaxWindowBits is not false;
        return new DeflateParameters(
            client.ServerNoContextTakeover == true || server.ServerNoContextTakeover,
            client.ClientNoContextTakeover == true || server.ClientNoContextTakeover,
            Math.Min(client.ServerBits ?? 15, server.ServerMaxWindowBits),
            mayLimitClient ? Math.Min(client.ClientBits ?? 15, server.ClientMaxWindowBits) : 15
        );
    }

    /// <summary>Whether the client of `ws` then ends the connection: it was told not to agree to what the server may demand.</summary>
    public static bool ClientRefuses(WsDeflateOptions client, DeflateParameters agreed) =>
        client.ClientNoContextTakeover == false && agreed.ClientNoContextTakeover;

    /// <summary>
    /// A server of `ws` and Longwire's client; null when the server refuses the handshake, as it was told not to agree to what is offered.
    /// </summary>
    public static DeflateParameters? AgreeWithServer(WsDeflateOptions server, DeflateOptions client)
    {
        // Longwire always offers client_max_window_bits, with a number below 15.
        bool limitsServer = client.ServerMaxWindowBits < 15;
        bool limitsClient = client.ClientMaxWindowBits < 15;
        bool refuses =
            (server.ServerNoContextTakeover == false && client.ServerNoContextTakeover)
            || (limitsServer && (server.ServerMaxWindowBits is false || server.ServerBits > client.ServerMaxWindowBits))
            || (limitsClient && server.ClientBits > client.ClientMaxWindowBits);
        return refuses
            ? null
            : new DeflateParameters(
                server.ServerNoContextTakeover == true || client.ServerNoContextTakeover,
                server.ClientNoContextTakeover == true || client.ClientNoContextTakeover,
                server.ServerBits ?? client.ServerMaxWindowBits,
                server.ClientBits ?? client.ClientMaxWindowBits
            );
    }

    /// <summary>The agreement that the value of an answer's Sec-WebSocket-Extensions stands for; null for none.</summary>
    public static DeflateParameters? Read(string header, int clientBitsOffered)
    {
        string[] parts = header.Split("; ");
        return parts[0] != "permessage-deflate"
            ? null
            : new DeflateParameters(
                parts.Contains("server_no_context_takeover"),
                parts.Contains("client_no_context_takeover"),
                Bits("server_max_window_bits=") ?? 15,
                Bits("client_max_window_bits=") ?? clientBitsOffered
            );

        int? Bits(string name) =>
            parts.SingleOrDefault(part => part.StartsWith(name, StringComparison.Ordinal)) is { } part
                ? int.Parse(part[name.Length..], null)
                : null;
    }
}
