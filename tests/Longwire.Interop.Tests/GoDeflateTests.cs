using System.Text.Json;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>
/// The agreements of Longwire and the Go implementations for compressed messages, and long conversations under it, so that a context that
/// isn't kept as agreed shows.
/// </summary>
public sealed class GoDeflateTests(EchoApplication server) : IClassFixture<EchoApplication>
{
    // gorilla answers a client that it has contexts for neither side whatever the client offered, and asks the same of a server.
    [Theory]
    [InlineData("gorilla", "", "fresh", true, true)]
    [InlineData("gorilla", "", "contexts", true, true)]
    [InlineData("nhooyr", "", "fresh", true, true)]
    [InlineData("nhooyr", "", "contexts", true, true)]
    [InlineData("nhooyr", "?takeover", "fresh", true, true)]
    [InlineData("nhooyr", "?takeover", "contexts", false, false)]
    public async Task A_client_s_conversation_comes_back_under_what_was_agreed(
        string peer,
        string offer,
        string endpoint,
        bool serverNoContextTakeover,
        bool clientNoContextTakeover
    )
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/" + endpoint] + offer, "conversation");
        string[] answer = seen.GetProperty("extensions").GetString()!.Split("; ");
        Assert.Equal("permessage-deflate", answer[0]);
        Assert.Equal(serverNoContextTakeover, answer.Contains("server_no_context_takeover"));
        Assert.Equal(clientNoContextTakeover, answer.Contains("client_no_context_takeover"));
        Assert.Equal(1000, seen.GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData("gorilla", "", "fresh", true, true)]
    [InlineData("gorilla", "", "contexts", true, true)]
    [InlineData("nhooyr", "", "fresh", true, true)]
    [InlineData("nhooyr", "", "contexts", true, true)]
    [InlineData("nhooyr", "takeover", "fresh", true, true)]
    [InlineData("nhooyr", "takeover", "contexts", false, false)]
    public async Task A_conversation_with_a_server_comes_back_under_what_was_agreed(
        string peer,
        string mode,
        string wanted,
        bool serverNoContextTakeover,
        bool clientNoContextTakeover
    )
    {
        await using EchoPeer echo = mode == "" ? await EchoPeer.StartServerAsync(peer) : await EchoPeer.StartServerAsync(peer, mode);
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(
            echo.Address,
            new WebSocketClientOptions
            {
                UseProxy = false,
                Connection = new WebSocketConnectionOptions { Deflate = Agreements.All[wanted] },
            }
        );
        Assert.Equal(new DeflateParameters(serverNoContextTakeover, clientNoContextTakeover), connection.Deflate);
        foreach ((MessageType type, byte[] payload) in Conversation.Messages)
        {
            await Echo.AssertComesBackAsync(connection, type, payload);
        }

        await connection.CloseAsync();
        Assert.Equal((1000, ""), await echo.WaitForClosedAsync());
    }
}
