using System.Security.Claims;
using System.Security.Cryptography;
using Longwire.Hubs;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>
/// Lets visitors of a server for this machine see its figures, and of one that others reach those who have an administrator's token. A
/// page can set no header on a WebSocket, so it exchanges the token for a ticket: that signs one session in, and is worth nothing
/// afterwards.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Tickets(TimeProvider time)
{
    private const string Claim = "figures";
    private const string Look = "look";
    private const string Load = "load";
    private const int Most = 100;
    private static readonly TimeSpan _validity = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, (string Right, long IssuedAt)> _tickets = [];

    public static bool MayLook(ClaimsPrincipal user) => user.HasClaim(static claim => claim.Type == Claim);

    public static bool MayLoad(ClaimsPrincipal user) => user.HasClaim(Claim, Load);

    /// <summary>Answers a page that asks for a ticket: with one, or with what is needed for one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="gate">The way in by an administrator's token; null on a server for this machine alone, where nobody needs one.</param>
    public async Task IssueAsync(HttpContext context, AdminGate? gate)
    {
        context.Response.Headers.CacheControl = "no-store";
        string? right = gate is null ? Load : RightOf(gate, context);
        var answer = new Ticket(right is null ? null : Issue(right), MayLoad: right == Load, right is null && gate is { IsOn: true });
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

    // A page asks without a token first, to learn whether it needs one: nobody is refused by that.
    private static string? RightOf(AdminGate gate, HttpContext context) =>
        HandshakeReader.Bearer(context) is null ? null
        : gate.LetIn(context) is not { } administrator ? null
        : administrator.Rights.HasFlag(AdminRights.Act) ? Load
        : Look;

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
}
