namespace Longwire.AspNetCore.Tests;

/// <summary>An endpoint's answers to offers of permessage-deflate (RFC 7692 §7.1).</summary>
public abstract class DeflateTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : DeflateTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : DeflateTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : DeflateTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("permessage-deflate")]
    [InlineData("x-unknown, permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; no_such_parameter, permessage-deflate")] // the first that is acceptable
    public async Task Where_it_is_switched_on_an_acceptable_offer_is_taken_and_messages_are_inflated(string offer)
    {
        await using TestServer server = await StartAsync(enabled: true);
        using RawClient client = await RawClient.ConnectAsync(server);
        HttpAnswer answer = await client.AskAsync(new HandshakeRequest().With("Sec-WebSocket-Extensions", offer));
        Assert.Equal(101, answer.Status);
        Assert.StartsWith("permessage-deflate", answer["Sec-WebSocket-Extensions"], StringComparison.Ordinal);
        // "Hello", as RFC 7692 §7.2.3.1 compresses it; so short an echo comes back as it is.
        await client.SendAsync(RawClient.Frame(0xc1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0]));
        Assert.Equal("Hello", await client.ReadTextAsync());
    }

    [Theory]
    [InlineData(false, "permessage-deflate")]
    [InlineData(true, "permessage-deflate; no_such_parameter")]
    [InlineData(true, "permessage-deflate; server_max_window_bits=16")]
    [InlineData(true, "permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData(true, "x-unknown")]
    public async Task Any_other_offer_is_declined_and_a_compressed_message_fails_then(bool enabled, string offer)
    {
        await using TestServer server = await StartAsync(enabled);
        using RawClient client = await RawClient.ConnectAsync(server);
        HttpAnswer answer = await client.AskAsync(new HandshakeRequest().With("Sec-WebSocket-Extensions", offer));
        Assert.Equal((101, null), (answer.Status, answer["Sec-WebSocket-Extensions"]));
        await client.SendAsync(RawClient.Frame(0xc1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0]));
        Assert.Equal(1002, (await client.ReadCloseAsync()).Status);
    }

    private Task<TestServer> StartAsync(bool enabled) =>
        StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint => endpoint.Connection = endpoint.Connection with { Deflate = new DeflateOptions { Enabled = enabled } }
            )
        );
}
