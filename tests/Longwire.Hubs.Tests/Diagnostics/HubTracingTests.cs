using System.Collections.Concurrent;
using System.Diagnostics;

namespace Longwire.Hubs.Tests;

// A listener hears the spans of all hubs in the process.
[Collection(nameof(MemberMemoryTests.AloneInTheProcess))]
public sealed class HubTracingTests
{
    private const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientSpan = "b7ad6b7169203331";

    [Fact]
    public async Task A_publication_is_followed_from_its_sender_to_the_last_member_on_each_event_loop()
    {
        using var spans = new Spans(ClientTrace);
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection[] members = [.. Enumerable.Range(0, 300).Select(index => Join(hub.Hub, "user" + index))];
        await SayAsync(members[0], $"00-{ClientTrace}-{ClientSpan}-01");
        await Eventually.TrueAsync(() => spans.Ended.Count == 3);

        Activity received = spans.Named("receive message");
        Activity published = spans.Named("publish room");
        Activity delivered = spans.Named("deliver room");
        Assert.Equal(ClientSpan, received.ParentSpanId.ToHexString());
        Assert.Equal((ActivityKind.Server, members[0].ClientId), (received.Kind, received.GetTagItem("longwire.hub.client.id")));
        Assert.Equal((received.SpanId, ActivityKind.Producer), (published.ParentSpanId, published.Kind));
        Assert.Equal("general", published.GetTagItem("messaging.destination.name"));
        Assert.Equal((published.SpanId, ActivityKind.Consumer), (delivered.ParentSpanId, delivered.Kind));
        Assert.Equal(300, delivered.GetTagItem("longwire.hub.delivered"));
    }

    [Fact]
    public async Task What_is_sent_and_not_kept_is_followed_to_the_members_of_its_room_too()
    {
        using var spans = new Spans(ClientTrace);
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection ann = Join(hub.Hub, "ann"),
            bob = Join(hub.Hub, "bob");
        await Eventually.TrueAsync(() => ann.Sent >= 2 && bob.Sent >= 2);
        Activity outer = new Activity("a call of the application's").SetParentId($"00-{ClientTrace}-{ClientSpan}-01");
        using (outer.Start())
        {
            await hub.Hub.SendToRoomAsync("general", """{"type":"typing"}"""u8.ToArray(), ann.ClientId);
            await hub.Hub.SendToUserAsync("bob", """{"type":"hello"}"""u8.ToArray());
            await hub.Hub.KickUserAsync("ann");
        }

        // A kick has none.
        await Eventually.TrueAsync(() => spans.Ended.Count == 3);
        Activity sent = spans.Named("send room"),
            delivered = spans.Named("deliver room"),
            direct = spans.Named("send $user");
        Assert.Equal((ActivityKind.Producer, outer.SpanId), (sent.Kind, sent.ParentSpanId));
        Assert.Equal("general", sent.GetTagItem("messaging.destination.name"));
        Assert.Equal((sent.SpanId, 1), (delivered.ParentSpanId, delivered.GetTagItem("longwire.hub.delivered")));
        Assert.Equal(outer.SpanId, direct.ParentSpanId);
    }

    [Fact]
    public async Task A_request_that_names_no_span_begins_a_trace_and_links_to_the_connection_that_it_came_on()
    {
        using var spans = new Spans(trace: null);
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection member = Join(hub.Hub, "ann");
        using Activity connection = new Activity("WebSocket /hub").Start();
        await SayAsync(member, traceParent: null);
        await Eventually.TrueAsync(() => spans.Ended.Any(IsLinked));

        Activity received = spans.Ended.Single(IsLinked);
        Assert.Equal(default, received.ParentSpanId);
        Assert.NotEqual(connection.TraceId, received.TraceId);
        Assert.Same(connection, Activity.Current);

        bool IsLinked(Activity span) => span.Links.Any(link => link.Context.SpanId == connection.SpanId);
    }

    [Fact]
    public async Task A_refused_request_is_a_span_with_its_error()
    {
        using var spans = new Spans(ClientTrace);
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection member = Join(hub.Hub, "ann");
        member.Session!.Receive(
            member,
            MessageType.Text,
            System.Text.Encoding.UTF8.GetBytes($$"""{"type":"made-up","traceparent":"00-{{ClientTrace}}-{{ClientSpan}}-01"}""")
        );
        await Eventually.TrueAsync(() => spans.Ended.Count == 1);
        Activity received = spans.Named("receive other");
        Assert.Equal((ActivityStatusCode.Error, "unknown-type"), (received.Status, received.GetTagItem("error.type")));
    }

    [Theory]
    [InlineData("\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more\"")]
    [InlineData("\"no span\"")]
    [InlineData("[1]")]
    public async Task What_is_no_span_is_not_heeded(string traceParent)
    {
        using var spans = new Spans(trace: null);
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection member = Join(hub.Hub, "ann");
        int before = member.Sent;
        member.Session!.Receive(
            member,
            MessageType.Text,
            System.Text.Encoding.UTF8.GetBytes($$"""{"type":"message","room":"general","content":1,"traceparent":{{traceParent}}}""")
        );
        await Eventually.TrueAsync(() => member.Sent == before + 1);
        await Eventually.TrueAsync(() => spans.Ended.Any(IsOfMember));
        Assert.Equal(default, spans.Ended.Single(IsOfMember).ParentSpanId);

        bool IsOfMember(Activity span) =>
            span.OperationName == "receive message" && (string?)span.GetTagItem("longwire.hub.client.id") == member.ClientId;
    }

    [Fact]
    public void Where_nobody_listens_there_is_no_span_and_nothing_is_allocated()
    {
        var options = new RoomOptions();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Activity? span = null;
        for (int round = 0; round < 1_000; round++)
        {
            span ??= HubTracing.BeginPublication("general", options);
            HubTracing.Refused(HubError.Forbidden);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Null(span);
    }

    private static SilentConnection Join(Hub hub, string user)
    {
        var connection = new SilentConnection();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity(user) });
        connection.Session!.Receive(connection, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
        return connection;
    }

    private static async Task SayAsync(SilentConnection member, string? traceParent)
    {
        string field = traceParent is null ? "" : $",\"traceparent\":\"{traceParent}\"";
        int before = member.Sent;
        member.Session!.Receive(
            member,
            MessageType.Text,
            System.Text.Encoding.UTF8.GetBytes($$"""{"type":"message","room":"general","content":1{{field}}}""")
        );
        await Eventually.TrueAsync(() => member.Sent > before);
    }

    /// <summary>The hub's spans that have ended, of one trace or of all.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans(string? trace)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == Hub.ActivitySourceName,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (trace is null || span.TraceId.ToHexString() == trace)
                    {
                        Ended.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = [];

        public Activity Named(string name) => Assert.Single(Ended, span => span.DisplayName == name);

        public void Dispose() => _listener.Dispose();
    }
}
