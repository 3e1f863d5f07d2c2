using System.Text;

namespace Longwire.Interop.Tests;

/// <summary>Inputs in place of an opening handshake.</summary>
public sealed class BadHandshakeTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    private static readonly Dictionary<string, byte[]> _garbage = new()
    {
        ["a line that is no request"] = Encoding.ASCII.GetBytes("HELO example.com\r\n\r\n"),
        ["a TLS hello"] = [0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00, 0x00, 0xa1, 0x03, 0x03, .. new byte[160]],
        ["zeros"] = new byte[4096],
        ["a frame without a handshake"] = [.. RawClient.Frame(0x81, "hello"u8), .. "\r\n\r\n"u8],
        ["bytes of all values"] = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))],
        ["an HTTP version that there isn't"] = Encoding.ASCII.GetBytes("GET /ws HTTP/9.9\r\nHost: localhost\r\n\r\n"),
        ["a header line without a colon"] = Encoding.ASCII.GetBytes("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade websocket\r\n\r\n"),
    };

    public static TheoryData<string> Garbage => [.. _garbage.Keys];

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_gets_a_refusal_or_nothing_and_the_end(string name)
    {
        using Witness witness = await Witness.ConnectAsync(server);
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync(_garbage[name]);
        string answer = await client.ReadToEndAsync(Patience.Short);
        if (answer.Length > 0)
        {
            Assert.Matches("^HTTP/1.1 (4[0-9][0-9]|505) ", answer);
        }

        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    public async Task A_header_section_of_64_KiB_gets_431(int lines)
    {
        using Witness witness = await Witness.ConnectAsync(server);
        using RawClient client = await RawClient.ConnectAsync(server);
        string value = new('a', (64 * 1024 / lines) - 10);
        var request = new StringBuilder("GET /ws HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < lines; i++)
        {
            request.Append($"X-{i}: {value}\r\n");
        }

        // The server may refuse before it has read all; what it doesn't read may end the sending.
        await client.TrySendAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()), Patience.Short);
        string answer = await client.ReadToEndAsync(Patience.Short);
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Half_a_handshake_held_open_is_ended_and_disturbs_nobody()
    {
        using Witness witness = await Witness.ConnectAsync(server);
        byte[] half = Encoding.ASCII.GetBytes("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upg");
        RawClient[] clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RawClient.ConnectAsync(server)));
        foreach (RawClient client in clients)
        {
            await client.SendAsync(half);
        }

        await witness.AssertUndisturbedAsync();

        string[] answers = await Task.WhenAll(clients.Select(client => client.ReadToEndAsync(Patience.Short)));
        Assert.All(
            answers,
            answer => Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer)
        );
        foreach (RawClient client in clients)
        {
            client.Dispose();
        }

        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }
}
