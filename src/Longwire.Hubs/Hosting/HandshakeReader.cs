using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>Finds in a request what the hub wants to know of its client.</summary>
internal static class HandshakeReader
{
    private const string Bearer = "Bearer ";

    public static HubHandshake Read(HttpContext context) =>
        new()
        {
            Token = FromAuthorization(context.Request) ?? NotEmpty(context.Request.Query["token"]) ?? FromSubprotocols(context.Request),
            Identity = HubIdentity.FromPrincipal(context.User),
            Session = NotEmpty(context.Request.Query["session"]),
            RemoteAddress = context.Connection.RemoteIpAddress,
        };

    private static string? FromAuthorization(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? NotEmpty(header[Bearer.Length..].Trim()) : null;
    }

    private static string? FromSubprotocols(HttpRequest request)
    {
        // A page can set no header on a WebSocket, but it can offer subprotocols. This entry is read and never answered.
        // The endpoint has checked the offer already.
        SubprotocolNegotiation.TryParse(NotEmpty(request.Headers.SecWebSocketProtocol), out IReadOnlyList<string> offered);
        string? entry = offered.FirstOrDefault(static name => name.StartsWith(HubSubprotocol.BearerPrefix, StringComparison.Ordinal));
        return NotEmpty(entry?[HubSubprotocol.BearerPrefix.Length..]);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
