using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ValidationTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ValidationTests(null);

    public sealed class OnKestrel() : ValidationTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ValidationTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ValidationTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("")]
    [InlineData("Hello Server!")]
    [InlineData("{")]
    [InlineData("""{"type":"ping"}x""")]
    [InlineData("""{"type":"ping"}{"type":"ping"}""")]
    [InlineData("""{"type":"ping",}""")]
    [InlineData("""{'type':'ping'}""")]
    [InlineData("""{"type":"ping"/* */}""")]
    [InlineData("\uFEFF{\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"pi\nng\"}")]
    [InlineData("NaN")]
    public async Task What_is_no_json_is_told_so(string message)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement error = await client.ExpectErrorAsync(message, "invalid-json");
        Assert.Equal("""{"type":"error","code":"invalid-json","message":"Invalid JSON"}""", error.GetRawText());
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"ping\"")]
    [InlineData("""[{"type":"ping"}]""")]
    [InlineData("{}")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":""}""")]
    [InlineData("""{"type":{"type":"ping"}}""")]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"type":"ping","id":5}""")]
    [InlineData("""{"type":"ping","id":"12345678901234567890123456789012345678901234567890123456789012345"}""")]
    [InlineData("""{"type":"ping","id":"\udfff"}""")]
    public async Task What_is_no_message_is_told_so(string message)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement error = await client.ExpectErrorAsync(message, "invalid-format");
        Assert.Equal("""{"type":"error","code":"invalid-format","message":"Invalid message format"}""", error.GetRawText());
    }

    [Fact]
    public async Task Types_that_nobody_handles_are_told_with_the_requests_id()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsAsync("ann");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"edit","id":"e1"}""", "unknown-type");
        Assert.Equal("""{"type":"error","code":"unknown-type","message":"Unknown message type","id":"e1"}""", error.GetRawText());
    }

    [Fact]
    public async Task A_type_may_be_written_with_escapes()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement pong = await client.AskAsync("""{"\u0074ype":"\u0070ing","id":"\u0061"}""", "pong");
        Assert.Equal("a", pong.Text("id"));
        Assert.Equal(hub.Time.GetUtcNow().ToUnixTimeMilliseconds(), pong.Number("timestamp"));
    }

    [Fact]
    public async Task Json_that_lies_too_deep_is_refused()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxJsonDepth = 8);
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync(Nested(7), "pong");
        await client.ExpectErrorAsync(Nested(8), "invalid-json");
        await client.ExpectErrorAsync(Nested(20_000), "invalid-json");

        static string Nested(int depth) => $$"""{"type":"ping","x":{{new string('[', depth)}}{{new string(']', depth)}}}""";
    }

    [Fact]
    public async Task A_message_larger_than_content_and_envelope_is_not_even_read()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxContentBytes = 1000);
        TestClient client = await hub.ConnectAsync();
        int largest = (int)client.Connected.Number("maxMessageBytes");
        Assert.Equal(1000 + LongwireHubOptions.EnvelopeBytes, largest);
        await client.AskAsync("""{"type":"ping"}""".PadRight(largest), "pong");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"ping"}""".PadRight(largest + 1), "too-large");
        Assert.Equal("""{"type":"error","code":"too-large","message":"Message too large"}""", error.GetRawText());
    }

    [Fact]
    public async Task More_than_the_connection_takes_closes_it()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.OpenAsync(options: new WebSocketConnectionOptions { MaxMessageBytes = 1000 });
        await client.NextAsync("connected");
        await client.SendAsync(Encoding.UTF8.GetBytes("""{"type":"ping"}""".PadRight(1001)), MessageType.Text);
        Assert.Equal(CloseStatus.MessageTooBig, (await client.ClosedAsync()).Status);
    }
}
