using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;

namespace Longwire.AspNetCore.Tests;

/// <summary>Which hosts a page may name on a server that listens on loopback, and how the application learns of it.</summary>
public abstract class LoopbackHostTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : LoopbackHostTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : LoopbackHostTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : LoopbackHostTests(ServerTransport.IoUring);

    private const int LoopbackNamesOnly = 4;
    private const int AnyHost = 5;

    private static HandshakeRequest PageOf(string host) => new HandshakeRequest().With("Host", host).With("Origin", "https://" + host);

    [Fact]
    public async Task An_application_that_names_its_hosts_takes_those()
    {
        await using TestServer server = await StartServerAsync(
            static application =>
            {
                application.UseHostFiltering();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            static services => services.Configure<HostFilteringOptions>(static options => options.AllowedHosts = ["chat.example"])
        );
        Assert.Equal(101, (await RawClient.AskAsync(server, PageOf("chat.example"))).Status);
        Assert.Equal(400, (await RawClient.AskAsync(server, PageOf("evil.example"))).Status);
        Assert.DoesNotContain(
            server.Log.Events,
            static entry => entry.Id.Id is LoopbackNamesOnly && entry.Category.StartsWith("Longwire", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_endpoint_that_names_its_origins_takes_those()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint => endpoint.Origins = OriginRule.Allow("https://chat.example")
            )
        );
        Assert.Equal(101, (await RawClient.AskAsync(server, PageOf("chat.example"))).Status);
        Assert.Equal(403, (await RawClient.AskAsync(server, PageOf("evil.example"))).Status);
    }

    [Fact]
    public async Task Behind_a_proxy_whose_forwarded_headers_are_taken_the_client_is_not_on_this_machine()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
            application.MapWebSocket("/echo", new EchoHandler());
        });
        Assert.Equal(101, (await RawClient.AskAsync(server, PageOf("chat.example").With("X-Forwarded-For", "192.0.2.1"))).Status);
        HttpAnswer direct = await RawClient.AskAsync(server, PageOf("evil.example"));
        Assert.Equal(403, direct.Status);
    }

    [Fact]
    public async Task Headers_of_a_proxy_that_nobody_asked_for_change_nothing()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        Assert.Equal(403, (await RawClient.AskAsync(server, PageOf("evil.example").With("X-Forwarded-For", "192.0.2.1"))).Status);
    }

    [Theory]
    [InlineData(true, LoopbackNamesOnly)]
    [InlineData(false, AnyHost)]
    public async Task The_application_is_told_when_it_starts(bool loopback, int id)
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            kestrel: options =>
            {
                if (!loopback)
                {
                    options.Listen(IPAddress.Any, 0);
                }
            }
        );
        Assert.Single(server.Log.Events, entry => entry.Category == "Longwire.AspNetCore.Handshake" && entry.Id.Id == id);
    }
}
