using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>Finds in a request what the hub wants to know of its client.</summary>
internal static class HandshakeReader
{
    private const string BearerPrefix = "Bearer ";
    private const string SessionHeader = "Longwire-Session";

    /// <summary>Reads a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="username">The name that the client would like.</param>
    /// <param name="session">The secret of the session to resume, where the request has none in its own place.</param>
    public static HubHandshake Read(HttpContext context, string? username = null, string? session = null)
    {
        HttpRequest request = context.Request;
        return new()
        {
            Token =
                FromAuthorization(request) ?? NotEmpty(request.Query["token"]) ?? FromSubprotocols(request, HubSubprotocol.BearerPrefix),
            Username = username,
            Identity = Identity(context),
            Session =
                FromSubprotocols(request, HubSubprotocol.SessionPrefix)
                ?? NotEmpty(request.Headers[SessionHeader])
                ?? NotEmpty(request.Query["session"])
                ?? session,
            Producer = FromSubprotocols(request, HubSubprotocol.ProducerPrefix) ?? NotEmpty(request.Query["producer"]),
            RemoteAddress = context.Connection.RemoteIpAddress,
        };
    }

    /// <summary>The secret of the session that a request is about.</summary>
    public static string? Session(HttpContext context) =>
        NotEmpty(context.Request.Headers[SessionHeader]) ?? NotEmpty(context.Request.Query["session"]);

    /// <summary>The token, or the API key, of a request's <c>Authorization: Bearer</c>.</summary>
    public static string? Bearer(HttpContext context) => FromAuthorization(context.Request);

    private static HubIdentity? Identity(HttpContext context)
    {
        HubIdentity? identity = HubIdentity.FromPrincipal(context.User);
        // A cookie says when it was issued, but not by a claim.
        DateTimeOffset? issuedAt = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.IssuedUtc;
        return identity is { IssuedAt: null } && issuedAt is not null ? identity with { IssuedAt = issuedAt } : identity;
    }

    private static string? FromAuthorization(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? NotEmpty(header[BearerPrefix.Length..].Trim()) : null;
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
