using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// A client presents a token that nothing before took. Not a record on purpose: a token must not be printed by accident.
/// </summary>
public sealed class AuthenticateRequest
{
    private readonly HubCall _call;
    private readonly TokenRequest _request;

    internal AuthenticateRequest(HubCall call, TokenRequest request)
    {
        _call = call;
        _request = request;
    }

    /// <summary>The token as the client sent it. A secret: keep it out of logs.</summary>
    public string Token => _request.Token;

    /// <summary>The name the client would like, if it said one; never to be trusted by itself.</summary>
    public string? Username => _request.Username;

    /// <summary>The id of the client's session.</summary>
    public string ClientId => _request.ClientId;

    /// <summary>Where the client connects from, if known.</summary>
    public IPAddress? RemoteAddress => _request.RemoteAddress;

    /// <summary>Services in a scope of this call.</summary>
    public IServiceProvider Services => _call.Services;

    /// <summary>The token is valid.</summary>
    /// <param name="userId">Whose it is.</param>
    /// <param name="username">The name shown to others; the user's id when left out.</param>
    public HubDecision Accept(string userId, string? username = null) => Accept(new HubIdentity(userId, username));

    /// <summary>The token is valid.</summary>
    /// <param name="identity">Whose it is, until when, and what others see.</param>
    public HubDecision Accept(HubIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return HubDecision.AcceptedWith(identity);
    }

    /// <summary>The token is not valid: the client gets <c>auth-failed</c> with this text and is closed.</summary>
    /// <param name="reason">The text for the client.</param>
    public HubDecision Refuse(string reason) => HubDecision.Refused(reason);
}
