using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace Longwire.Hubs.Tests;

/// <summary>Spans on the way to a collector, by OpenTelemetry's exporter over HTTP.</summary>
[Collection(nameof(MemberMemoryTests.AloneInTheProcess))]
public sealed class OtlpTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string ClientSpan = "00f067aa0ba902b7";

    private readonly ConcurrentQueue<OtlpSpan> _spans = [];

    [Fact]
    public async Task A_collector_can_follow_a_publication_from_its_sender_to_the_members_on_every_node()
    {
        await using WebApplication collector = await StartCollectorAsync();
        using TracerProvider exporter = Sdk.CreateTracerProviderBuilder()
            .AddSource(Hub.ActivitySourceName)
            .AddOtlpExporter(options =>
            {
                options.Protocol = OtlpExportProtocol.HttpProtobuf;
                options.Endpoint = new Uri(collector.Urls.First() + "/v1/traces");
            })
            .Build();
        var store = new MemoryHubStore();
        await using TestHub one = await TestHub.StartAsync(wrapEngine: _ => new MemoryHubEngine(store));
        await using TestHub two = await TestHub.StartAsync(options => options.Node = "two", wrapEngine: _ => new MemoryHubEngine(store));
        SilentConnection sender = Join(one.Hub);
        SilentConnection[] others = [Join(two.Hub), Join(two.Hub)];
        await Eventually.TrueAsync(() => others.Append(sender).All(static member => member.Sent >= 2));
        int[] before = [.. others.Select(static member => member.Sent)];
        Receive(sender, $$"""{"type":"message","room":"general","content":"a secret","traceparent":"00-{{Trace}}-{{ClientSpan}}-01"}""");
        await Eventually.TrueAsync(() => others.Zip(before).All(static pair => pair.First.Sent > pair.Second));
        await Eventually.TrueAsync(() =>
        {
            Assert.True(exporter.ForceFlush());
            return _spans.Count(static span => span.TraceId == Trace) == 4;
        });

        Dictionary<string, OtlpSpan[]> byName = _spans
            .Where(static span => span.TraceId == Trace)
            .GroupBy(static span => span.Name)
            .ToDictionary(static group => group.Key, static group => group.ToArray());
        OtlpSpan received = Assert.Single(byName["receive message"]);
        OtlpSpan published = Assert.Single(byName["publish room"]);
        Assert.Equal((ClientSpan, received.SpanId), (received.ParentSpanId, published.ParentSpanId));
        Assert.Equal(
            ["general", "longwire"],
            [published.Attributes["messaging.destination.name"], published.Attributes["messaging.system"]]
        );
        OtlpSpan[] delivered = byName["deliver room"];
        Assert.All(delivered, span => Assert.Equal(published.SpanId, span.ParentSpanId));
        Assert.Equal([1L, 2L], delivered.Select(static span => (long)span.Attributes["longwire.hub.delivered"]!).Order());
        Assert.All(_spans, static span => Assert.True(span.Start > 0 && span.End >= span.Start && span.Scope == Hub.ActivitySourceName));
        Assert.All(_spans, static span => Assert.DoesNotContain("a secret", span.Attributes.Values));
    }

    [Fact]
    public void What_is_no_request_of_the_protocol_is_not_read() =>
        // Field 9 of the whole; a number where the spans are; a span that ends before its length.
        Assert.All(
            (byte[][])
                [
                    [0x4A, 0],
                    [0x08, 1],
                    [0x0A, 5, 0x12],
                ],
            static bytes => Assert.ThrowsAny<Exception>(() => Otlp.ReadTraces(bytes))
        );

    private static SilentConnection Join(Hub hub)
    {
        var connection = new SilentConnection();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity(Guid.NewGuid().ToString()) });
        Receive(connection, """{"type":"join-room","room":"general"}""");
        return connection;
    }

    private static void Receive(SilentConnection connection, string json) =>
        connection.Session!.Receive(connection, MessageType.Text, Encoding.UTF8.GetBytes(json));

    private async Task<WebApplication> StartCollectorAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication collector = builder.Build();
        collector.MapPost(
            "/v1/traces",
            async (HttpContext context) =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                foreach (OtlpSpan span in Otlp.ReadTraces(body.GetBuffer().AsSpan(0, (int)body.Length)))
                {
                    _spans.Enqueue(span);
                }

                context.Response.ContentType = "application/x-protobuf";
            }
        );
        await collector.StartAsync();
        return collector;
    }
}
