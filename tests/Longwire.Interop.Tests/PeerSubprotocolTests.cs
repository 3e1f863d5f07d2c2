using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>Other implementations' clients that offer subprotocols to Longwire's server.</summary>
public sealed class PeerSubprotocolTests(EchoApplication server) : IClassFixture<EchoApplication>
{
    public static TheoryData<string> Peers => [.. EchoPeer.Names];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task The_server_chooses_what_it_prefers_of_what_is_offered(string peer)
    {
        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"].ToString(), "subprotocol", "x-other", "chat", "superchat");
        Assert.Equal("superchat", seen.GetProperty("subprotocol").GetString());
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Without_one_in_common_the_connection_has_none(string peer)
    {
        if (peer == "ws")
        {
            // The library ends the connection then, as browsers do.
            Exception failure = await Assert.ThrowsAnyAsync<Exception>(() =>
                EchoPeer.RunClientAsync(peer, server["/echo"].ToString(), "subprotocol", "x-other")
            );
            Assert.Contains("Server sent no subprotocol", failure.Message, StringComparison.Ordinal);
            return;
        }

        JsonElement seen = await EchoPeer.RunClientAsync(peer, server["/echo"].ToString(), "subprotocol", "x-other");
        Assert.Equal("", seen.GetProperty("subprotocol").GetString());
    }
}
