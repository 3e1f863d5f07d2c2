using System.Text.Json;
using System.Text.Json.Serialization;

namespace Longwire.Tests;

/// <summary>JSON messages.</summary>
public sealed partial class WebSocketJsonExtensionsTests
{
    private static readonly Order _order = new("grüne Äpfel", 3, ["a", "b"]);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public async Task A_value_goes_through_as_text(long streamed)
    {
        var pair = new Pair(Joint.Pipes, client: new WebSocketConnectionOptions { MaxStreamedMessageBytes = streamed });
        await pair.Server.SendJsonAsync(_order, Json.Default.Order);
        Order? read = await pair.Client.ReadJsonAsync(Json.Default.Order);
        Assert.Equal((_order.Name, _order.Count), (read!.Name, read.Count));
        Assert.Equal(_order.Tags, read.Tags);
        await pair.Client.CloseAsync();
    }

    [Fact]
    public async Task It_is_sent_as_the_type_s_options_say()
    {
        var bench = new Bench();
        await bench.Connection.SendJsonAsync(new Order("x", 1, []), Json.Default.Order);
        Assert.Equal([Transcript.Message(MessageType.Text, Wire.Utf8("""{"name":"x","count":1,"tags":[]}"""))], bench.Transport.PeerSees());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public async Task A_message_that_is_not_JSON_is_an_error_of_that_read_alone(long streamed)
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { MaxStreamedMessageBytes = streamed }, pull: true);
        bench.Transport.FeedText("{\"name\":");
        bench.Transport.FeedText("null");
        bench.Transport.FeedText("{\"name\":\"y\"}");
        await Assert.ThrowsAsync<JsonException>(() => bench.Connection.ReadJsonAsync(Json.Default.Order).AsTask());
        Assert.Null(await bench.Connection.ReadJsonAsync(Json.Default.Order));
        Assert.Equal("y", (await bench.Connection.ReadJsonAsync(Json.Default.Order))!.Name);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
    }

    internal sealed record Order(string Name, int Count, string[] Tags);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Order))]
    internal sealed partial class Json : JsonSerializerContext;
}
