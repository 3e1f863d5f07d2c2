namespace Longwire.Interop.Tests;

/// <summary>Frames that break a rule, sent to the server process, to the echo and to the hub.</summary>
public sealed class BadFrameTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    private static readonly Dictionary<string, (byte[] Bytes, int Status)> _cases = new()
    {
        ["an unmasked frame"] = ([0x81, 0x02, 0x68, 0x69], 1002),
        ["RSV1 without an extension"] = (RawClient.Frame(0xc1, "hi"u8), 1002),
        ["RSV2"] = (RawClient.Frame(0xa1, "hi"u8), 1002),
        ["RSV3"] = (RawClient.Frame(0x91, "hi"u8), 1002),
        ["opcode 3"] = (RawClient.Frame(0x83, "hi"u8), 1002),
        ["opcode 7"] = (RawClient.Frame(0x87, ""u8), 1002),
        ["opcode 11"] = (RawClient.Frame(0x8b, "hi"u8), 1002),
        ["opcode 15"] = (RawClient.Frame(0x8f, ""u8), 1002),
        ["a fragmented ping"] = (RawClient.Frame(0x09, "hi"u8), 1002),
        ["a fragmented close"] = (RawClient.Frame(0x08, [0x03, 0xe8]), 1002),
        ["a ping of 126 bytes"] = (RawClient.Frame(0x89, new byte[126]), 1002),
        ["a pong of 126 bytes"] = (RawClient.Frame(0x8a, new byte[126]), 1002),
        ["a close of 126 bytes"] = (RawClient.Frame(0x88, [0x03, 0xe8, .. new byte[124]]), 1002),
        ["a continuation without a message"] = (RawClient.Frame(0x80, "hi"u8), 1002),
        ["a message inside a message"] = ([.. RawClient.Frame(0x01, "a"u8), .. RawClient.Frame(0x81, "b"u8)], 1002),
        ["a length with its top bit set"] = ([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002),
        ["a length of 5 in 16 bits"] = ([0x82, 0xfe, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0], 1002),
        ["a length of 65535 in 64 bits"] = ([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4], 1002),
        ["a frame of 100 MiB"] = ([0x82, 0xff, 0, 0, 0, 0, 0x06, 0x40, 0, 0, 1, 2, 3, 4], 1009),
        ["a frame of 2^63 - 1 bytes"] = ([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4], 1009),
        ["a close of 1 byte"] = (RawClient.Frame(0x88, [0x03]), 1002),
        ["a close with status 0"] = (Close(0), 1002),
        ["a close with status 999"] = (Close(999), 1002),
        ["a close with status 1004"] = (Close(1004), 1002),
        ["a close with status 1005"] = (Close(1005), 1002),
        ["a close with status 1006"] = (Close(1006), 1002),
        ["a close with status 1015"] = (Close(1015), 1002),
        ["a close with status 2999"] = (Close(2999), 1002),
        ["a close with status 5000"] = (Close(5000), 1002),
        ["a close reason that is not UTF-8"] = (RawClient.Frame(0x88, [0x03, 0xe8, 0xc0, 0xaf]), 1007),
        ["text that is not UTF-8"] = (RawClient.Frame(0x81, [0x68, 0xff]), 1007),
        ["text that ends inside a character"] = (RawClient.Frame(0x81, [0xe4, 0xb8]), 1007),
        ["a wrong byte in an unfinished text frame"] = (RawClient.Frame(0x81, [0x68, 0xff, .. new byte[98]])[..8], 1007),
        ["an unpaired surrogate across fragments"] = ([.. RawClient.Frame(0x01, [0xed]), .. RawClient.Frame(0x80, [0xa0, 0x80])], 1007),
    };

    public static TheoryData<string> Cases => [.. _cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_connection_fails_with_the_status_of_the_broken_rule(string name)
    {
        (byte[] bytes, int status) = _cases[name];
        (int Status, string Reason)[] closes = await Task.WhenAll(BreakAsync("/echo", bytes), BreakAsync("/ws", bytes));
        Assert.All(closes, close => Assert.Equal(status, close.Status));
        Assert.All(closes, close => Assert.NotEqual("", close.Reason));
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Others_are_undisturbed()
    {
        using Witness witness = await Witness.ConnectAsync(server);
        foreach (byte[][] some in _cases.Values.Select(one => one.Bytes).Chunk(10))
        {
            await Task.WhenAll(some.Select(bytes => BreakAsync("/ws", bytes)));
            await witness.AssertUndisturbedAsync();
        }

        server.AssertNothingWentWrong();
    }

    private async Task<(int Status, string Reason)> BreakAsync(string path, byte[] bytes)
    {
        using RawClient client = await RawClient.UpgradeAsync(server, path);
        await client.SendAsync(bytes);
        return await client.ReadCloseAsync();
    }

    private static byte[] Close(int status) => RawClient.Frame(0x88, [(byte)(status >> 8), (byte)status]);
}
