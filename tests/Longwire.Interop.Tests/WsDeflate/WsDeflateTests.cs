using System.Net;
using System.Text.Json;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>
/// Every combination of the options that npm `ws` has for permessage-deflate, against Longwire as it comes, with contexts, and with smaller
/// windows. The agreement is the one that an oracle predicts, messages come back as they were sent, and their sizes on the wire show that
/// each side compressed as agreed.
/// </summary>
public sealed class WsDeflateTests(WsDeflatePeers ws, EchoApplication application)
    : IClassFixture<WsDeflatePeers>,
        IClassFixture<EchoApplication>
{
    private static readonly object?[] _bits = [null, false, 8, 9, 12, 15];

    private static readonly Dictionary<string, WsDeflateOptions> _clients = WsDeflateOptions
        .Combine([null, true], [null, false, true], [null, 8, 9, 12, 15], [.. _bits, true], [null, 0])
        .ToDictionary(static options => options.Name);

    private static readonly Dictionary<string, WsDeflateOptions> _servers = WsDeflateOptions
        .Combine([null, false, true], [null, true], _bits, [.. _bits, true], [null, 0])
        .ToDictionary(static options => options.Name);

    public static TheoryData<string> Clients => [.. _clients.Keys];

    public static TheoryData<string> Servers => [.. _servers.Keys];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_s_messages_come_back_under_what_was_agreed(string name)
    {
        WsDeflateOptions options = _clients[name];
        await Task.WhenAll(Agreements.All.Select(wanted => ConverseWithClientAsync(options, wanted.Key, wanted.Value)));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Messages_come_back_from_a_server_under_what_was_agreed(string name)
    {
        WsDeflateOptions options = _servers[name];
        await Task.WhenAll(Agreements.All.Values.Select(wanted => ConverseWithServerAsync(options, wanted)));
    }

    private async Task ConverseWithClientAsync(WsDeflateOptions options, string endpoint, DeflateOptions wanted)
    {
        DeflateParameters? agreed = WsDeflateOracle.AgreeWithClient(options, wanted);
        JsonElement seen = await ws.ConverseAsync(application["/" + endpoint], options);
        if (agreed is not null && WsDeflateOracle.ClientRefuses(options, agreed))
        {
            Assert.Equal("Invalid Sec-WebSocket-Extensions header", seen.GetProperty("error").GetString());
            return;
        }

        Assert.False(seen.TryGetProperty("error", out JsonElement error), $"{endpoint}: {error}");
        Assert.Equal(agreed, WsDeflateOracle.Read(seen.GetProperty("extensions").GetString()!, options.ClientBits ?? 15));
        Assert.Equal(1000, seen.GetProperty("code").GetInt32());
        AssertSizes(agreed, options, fromServer: Sizes(seen, "received"), fromClient: Sizes(seen, "sent"), wsIsServer: false);
    }

    private async Task ConverseWithServerAsync(WsDeflateOptions options, DeflateOptions wanted)
    {
        var clientOptions = new WebSocketClientOptions
        {
            UseProxy = false,
            Connection = new WebSocketConnectionOptions { Deflate = wanted },
        };
        DeflateParameters? agreed = WsDeflateOracle.AgreeWithServer(options, wanted);
        (Uri address, Func<Task<JsonElement>> waitForSeenAsync) = ws.Serve(options);
        if (agreed is null)
        {
            WebSocketHandshakeException refused = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
                WebSocketClient.ConnectAsync(address, clientOptions)
            );
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            return;
        }

        WebSocketConnection connection = await WebSocketClient.ConnectAsync(address, clientOptions);
        Assert.Equal(agreed, connection.Deflate);
        foreach ((MessageType type, byte[] payload) in Conversation.Messages)
        {
            await Echo.AssertComesBackAsync(connection, type, payload);
        }

        await connection.CloseAsync();
        JsonElement seen = await waitForSeenAsync();
        Assert.Equal(1000, seen.GetProperty("code").GetInt32());
        AssertSizes(agreed, options, fromServer: Sizes(seen, "sent"), fromClient: Sizes(seen, "received"), wsIsServer: true);
    }

    private static void AssertSizes(
        DeflateParameters? agreed,
        WsDeflateOptions options,
        int[] fromServer,
        int[] fromClient,
        bool wsIsServer
    )
    {
        AssertSide(
            agreed is not null,
            agreed?.ServerNoContextTakeover == false,
            agreed?.ServerMaxWindowBits ?? 0,
            wsIsServer ? options : null,
            fromServer
        );
        AssertSide(
            agreed is not null,
            agreed?.ClientNoContextTakeover == false,
            agreed?.ClientMaxWindowBits ?? 0,
            wsIsServer ? null : options,
            fromClient
        );
    }

    // Of one side, which is ws when it has options of ws.
    private static void AssertSide(bool agreed, bool keepsContext, int windowBits, WsDeflateOptions? ws, int[] sizes)
    {
        // Node takes a window of 9 for one of 8; Longwire, which has none of 8 either, then doesn't compress.
        bool compresses = agreed && (ws is not null || windowBits > 8);
        bool overThreshold =
            keepsContext || ws is null || Conversation.Messages[Conversation.Compressible].Payload.Length >= (ws.Threshold ?? 1024);
        AssertSize(small: compresses && overThreshold, Conversation.Compressible, sizes);
        AssertSize(small: compresses && keepsContext && windowBits >= 12, Conversation.Repeated, sizes);
    }

    private static void AssertSize(bool small, int index, int[] sizes)
    {
        int length = Conversation.Messages[index].Payload.Length;
        Assert.Equal(Conversation.Messages.Length, sizes.Length);
        if (small)
        {
            Assert.InRange(sizes[index], 1, length / 4);
        }
        else
        {
            Assert.InRange(sizes[index], length, length + 100);
        }
    }

    private static int[] Sizes(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(size => size.GetInt32())];
}
