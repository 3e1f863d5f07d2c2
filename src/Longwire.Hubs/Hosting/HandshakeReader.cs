using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>Finds in a request what the hub wants to know of its client.</summary>
internal static class HandshakeReader
{
    private const string Bearer = "Bearer ";
    private const string SessionHeader = "Longwire-Session";

    public static HubHandshake Read(HttpContext context)
    {
        HttpRequest request = context.Request;
        return new()
        {
            Token =
                FromAuthorization(request) ?? NotEmpty(request.Query["token"]) ?? FromSubprotocols(request, HubSubprotocol.BearerPrefix),
            Identity = HubIdentity.FromPrincipal(context.User),
            Session =
                FromSubprotocols(request, HubSubprotocol.SessionPrefix)
                ?? NotEmpty(request.Headers[SessionHeader])
                ?? NotEmpty(request.Query["session"]),
            Producer = FromSubprotocols(request, HubSubprotocol.ProducerPrefix) ?? NotEmpty(request.Query["producer"]),
            RemoteAddress = context.Connection.RemoteIpAddress,
        };
    }

    private static string? FromAuthorization(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? NotEmpty(header[Bearer.Length..].Trim()) : null;
    }

    private static string? FromSubprotocols(HttpRequest request, string prefix)
    {
        // A page can set no header on a WebSocket, but it can offer subprotocols. Such an entry is read and never answered.
        // The endpoint has checked the offer already.
        SubprotocolNegotiation.TryParse(NotEmpty(request.Headers.SecWebSocketProtocol), out IReadOnlyList<string> offered);
        string? entry = offered.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal));
        return NotEmpty(entry?[prefix.Length..]);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
