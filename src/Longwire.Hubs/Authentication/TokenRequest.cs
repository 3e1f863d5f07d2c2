using System.Net;

namespace Longwire.Hubs;

/// <summary>A token to validate. Not a record on purpose: a token must not be printed by accident.</summary>
public sealed class TokenRequest
{
    /// <summary>Creates a request.</summary>
    /// <param name="token">The token as the client sent it.</param>
    /// <param name="username">The name the client would like, if it said one; never to be trusted by itself.</param>
    /// <param name="clientId">The id of the client's session.</param>
    /// <param name="remoteAddress">Where the client connects from, if known.</param>
    public TokenRequest(string token, string? username, string clientId, IPAddress? remoteAddress)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(clientId);
        Token = token;
        Username = username;
        ClientId = clientId;
        RemoteAddress = remoteAddress;
    }

    /// <summary>The token as the client sent it. A secret: keep it out of logs.</summary>
    public string Token { get; }

    /// <summary>The name the client would like, if it said one; never to be trusted by itself.</summary>
    public string? Username { get; }

    /// <summary>The id of the client's session.</summary>
    public string ClientId { get; }

    /// <summary>Where the client connects from, if known.</summary>
    public IPAddress? RemoteAddress { get; }
}
