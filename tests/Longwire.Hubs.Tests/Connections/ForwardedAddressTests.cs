using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;

namespace Longwire.Hubs.Tests;

/// <summary>Behind proxies the address is the forwarded one, from proxies that are trusted only.</summary>
public sealed class ForwardedAddressTests
{
    private const int MaxConnections = 3;

    [Fact]
    public async Task A_forged_address_of_a_peer_that_is_not_trusted_does_not_escape_the_limit()
    {
        await using WaysServer server = await StartAsync(trusted: IPAddress.Parse("10.0.0.10"));
        for (int number = 0; number < MaxConnections; number++)
        {
            Assert.Equal(HttpStatusCode.OK, await PollAsync(server, $"203.0.113.{number}"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await PollAsync(server, "203.0.113.99"));
        await server.Application.BanAddressAsync(IPAddress.Parse("203.0.113.99"), TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PollAsync(server, "203.0.113.99"));
        await server.Application.BanAddressAsync(IPAddress.Loopback, TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Forbidden, await PollAsync(server, "203.0.113.99"));
    }

    [Fact]
    public async Task A_trusted_proxys_address_counts_and_what_its_client_forged_before_it_does_not()
    {
        await using WaysServer server = await StartAsync(trusted: IPAddress.Loopback);
        for (int number = 0; number < MaxConnections; number++)
        {
            // The proxy appends the address that it sees to what came from its client.
            Assert.Equal(HttpStatusCode.OK, await PollAsync(server, $"198.51.100.{number}, 203.0.113.1"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await PollAsync(server, "198.51.100.99, 203.0.113.1"));
        Assert.Equal(HttpStatusCode.OK, await PollAsync(server, "203.0.113.2"));
        await server.Application.BanAddressAsync(IPAddress.Parse("203.0.113.2"), TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Forbidden, await PollAsync(server, "203.0.113.2"));
        Assert.Equal(HttpStatusCode.OK, await PollAsync(server, "203.0.113.3"));
    }

    [Fact]
    public async Task The_platforms_rate_limiter_counts_the_connects_of_an_address_on_all_ways_in()
    {
        await using WaysServer server = await WaysServer.StartAsync(
            build: static builder =>
                builder.Services.AddRateLimiter(static limiter =>
                {
                    limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                    limiter.AddPolicy(
                        "connects",
                        static context =>
                            RateLimitPartition.GetFixedWindowLimiter(
                                context.Connection.RemoteIpAddress?.ToString() ?? "",
                                static _ => new() { PermitLimit = 2, Window = TimeSpan.FromHours(1) }
                            )
                    );
                }),
            use: static application => application.UseRateLimiter(),
            map: static hub => hub.RequireRateLimiting("connects")
        );
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        await server.ConnectAsync(WayIn.Events, "bob");
        Assert.Equal(HttpStatusCode.TooManyRequests, await PollAsync(server, "203.0.113.1"));
        await ann.JoinAsync("tea");
    }

    private static Task<WaysServer> StartAsync(IPAddress trusted) =>
        WaysServer.StartAsync(
            static options => (options.AllowGuests, options.MaxConnectionsPerAddress) = (true, MaxConnections),
            use: application =>
            {
                var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                forwarded.KnownProxies.Add(trusted);
                application.UseForwardedHeaders(forwarded);
            }
        );

    private static async Task<HttpStatusCode> PollAsync(WaysServer server, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "hub/poll?wait=0");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return response.StatusCode;
    }
}
