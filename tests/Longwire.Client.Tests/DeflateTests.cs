namespace Longwire.Client.Tests;

/// <summary>The client's use of permessage-deflate in the handshake (RFC 7692 §7.1).</summary>
public sealed class DeflateTests
{
    private static readonly WebSocketClientOptions _deflating = new()
    {
        Connection = WebSocketConnectionOptions.Default with { Deflate = new DeflateOptions { Enabled = true } },
    };

    [Fact]
    public async Task When_it_is_switched_on_it_is_offered_and_what_was_agreed_on_is_done()
    {
        HttpText? request = null;
        await using var server = new ScriptedServer(async peer =>
        {
            request = await peer.ReadRequestAsync();
            await peer.SendAsync(
                ScriptedPeer.Answer(
                    request,
                    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
                )
            );
            // "Hello", as RFC 7692 §7.2.3.1 compresses it.
            await peer.SendAsync((byte[])[0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0]);
            await peer.ReadToEndAsync();
        });
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address, _deflating);
        Assert.Equal("Hello", (await socket.ReadAsync()).Text);
        Assert.StartsWith("permessage-deflate", request!["Sec-WebSocket-Extensions"], StringComparison.Ordinal);
        socket.Abort();
    }

    [Fact]
    public async Task A_server_may_decline_it()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync("\u0081\u0005plain");
            await peer.ReadToEndAsync();
        });
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address, _deflating);
        Assert.Equal("plain", (await socket.ReadAsync()).Text);
        socket.Abort();
    }

    [Theory]
    [InlineData("permessage-deflate; no_such_parameter")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; client_max_window_bits=1000")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate, permessage-deflate")]
    [InlineData("permessage-deflate; ;")]
    [InlineData("permessage-deflate, x-unknown")]
    public async Task An_answer_with_parameters_that_are_not_legal_fails_the_handshake(string answer)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.AcceptAsync($"Sec-WebSocket-Extensions: {answer}\r\n");
            await peer.ReadToEndAsync();
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, _deflating)
        );
        Assert.Equal(System.Net.HttpStatusCode.SwitchingProtocols, exception.StatusCode);
    }
}
