using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Longwire.Hubs;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>
/// Lets visitors of a server for this machine see its figures, and of one that others reach those who have an administrator's token. A
/// page can set no header on a WebSocket, so it exchanges the token for a ticket: that signs one session in, and is worth nothing
/// afterwards. The token itself is read in <c>Authorization: Bearer</c> and nowhere else.
/// </summary>
/// <param name="isOpen">Whether the server is for this machine alone, so that a visitor needs no token.</param>
/// <param name="token">The token by which one may look and put the server under load; null for none.</param>
/// <param name="readToken">The token by which one may look; null for none.</param>
/// <param name="time">The clock.</param>
internal sealed class Tickets(bool isOpen, string? token, string? readToken, TimeProvider time)
{
    private const string Claim = "figures";
    private const string Look = "look";
    private const string Load = "load";
    private const string Bearer = "Bearer ";
    private const int Most = 100;
    private static readonly TimeSpan _validity = TimeSpan.FromSeconds(30);
    private readonly byte[]? _token = HashOf(token);
    private readonly byte[]? _readToken = HashOf(readToken);
    private readonly Dictionary<string, (string Right, long IssuedAt)> _tickets = [];

    private bool AreForTokens => _token is not null || _readToken is not null;

    public static bool MayLook(ClaimsPrincipal user) => user.HasClaim(static claim => claim.Type == Claim);

    public static bool MayLoad(ClaimsPrincipal user) => user.HasClaim(Claim, Load);

    /// <summary>Answers a page that asks for a ticket: with one, or with what is needed for one.</summary>
    public async Task IssueAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        string header = context.Request.Headers.Authorization.ToString();
        string? given = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;
        string? right = isOpen ? Load : RightOf(given);
        if (right is null && given is not null)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        var answer = new Ticket(right is null ? null : Issue(right), MayLoad: right == Load, IsTokenWanted: right is null && AreForTokens);
        await context.Response.WriteAsJsonAsync(answer, PlaygroundJson.Default.Ticket, cancellationToken: context.RequestAborted);
    }

    /// <summary>Takes a ticket from whoever signs in by it; null where it is none, or none any more.</summary>
    public HubIdentity? Take(TokenRequest request)
    {
        (string Right, long IssuedAt) ticket;
        lock (_tickets)
        {
            if (!_tickets.Remove(request.Token, out ticket))
            {
                return null;
            }
        }

        return time.GetElapsedTime(ticket.IssuedAt) > _validity
            ? null
            : new HubIdentity("viewer " + request.ClientId) { Claims = [new Claim(Claim, ticket.Right)] };
    }

    // Both are compared whatever the first comparison says, so that the time tells nothing of either.
    private string? RightOf(string? given)
    {
        byte[]? hash = HashOf(given);
        bool mayLoad = hash is not null && _token is not null && CryptographicOperations.FixedTimeEquals(hash, _token);
        bool mayLook = hash is not null && _readToken is not null && CryptographicOperations.FixedTimeEquals(hash, _readToken);
        return mayLoad ? Load
            : mayLook ? Look
            : null;
    }

    private string Issue(string right)
    {
        string ticket = RandomNumberGenerator.GetHexString(32, lowercase: true);
        lock (_tickets)
        {
            while (_tickets.Count >= Most)
            {
                _tickets.Remove(_tickets.MinBy(static issued => issued.Value.IssuedAt).Key);
            }

            _tickets.Add(ticket, (right, time.GetTimestamp()));
        }

        return ticket;
    }

    private static byte[]? HashOf(string? text) => string.IsNullOrEmpty(text) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
