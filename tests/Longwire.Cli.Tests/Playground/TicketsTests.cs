using System.Net;
using System.Text.Json;
using Longwire.Cli.Playground.Dashboard;
using Longwire.Hubs;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Tests;

public sealed class TicketsTests
{
    private readonly Clock _clock = new();
    private readonly Tickets _tickets;

    public TicketsTests() => _tickets = new Tickets(_clock);

    [Fact]
    public async Task A_ticket_signs_one_session_in_for_half_a_minute()
    {
        string ticket = await IssueAsync(),
            other = await IssueAsync(),
            late = await IssueAsync();
        Assert.Null(Take("no ticket"));
        _clock.Now = 30;
        Assert.NotNull(Take(ticket));
        Assert.Null(Take(ticket));
        Assert.NotNull(Take(other));
        _clock.Now = 31;
        Assert.Null(Take(late));
    }

    [Fact]
    public async Task A_hundred_are_kept_and_the_oldest_are_forgotten()
    {
        List<string> issued = [];
        for (; issued.Count < 101; _clock.Now += 0.1)
        {
            issued.Add(await IssueAsync());
        }

        Assert.Null(Take(issued[0]));
        Assert.NotNull(Take(issued[1]));
        Assert.NotNull(Take(issued[^1]));
    }

    private HubIdentity? Take(string ticket) => _tickets.Take(new TokenRequest(ticket, username: null, "client", IPAddress.Loopback));

    private async Task<string> IssueAsync()
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await _tickets.IssueAsync(context, gate: null);
        return JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("value").GetString()!;
    }

    private sealed class Clock : TimeProvider
    {
        public double Now { get; set; }

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => (long)(Now * 1_000);
    }
}
