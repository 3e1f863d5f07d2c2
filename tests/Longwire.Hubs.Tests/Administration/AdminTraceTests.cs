using System.Net;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>An administrator watches one user or one room.</summary>
public sealed class AdminTraceTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task What_one_user_says_and_is_told_is_seen_and_what_others_do_is_not()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        HubWay bob = await admin.JoinAsync("bob");
        using AdminTrace trace = await admin.TraceAsync("user=ann");
        await bob.SendAsync("""{"type":"ping"}""");
        await bob.UntilAsync("pong");
        await ann.SendAsync("""{"type":"message","room":"general","content":"a secret"}""");
        List<JsonElement> seen = await trace.UntilAsync("sent", "message");
        Assert.Equal(["received message", "sent message"], seen.Select(Describe));
        Assert.All(seen, entry => Assert.Equal(ann.ClientId, entry.Text("clientId")));
        Assert.All(seen, static entry => Assert.False(entry.Has("content")));
    }

    [Fact]
    public async Task With_the_right_to_it_the_contents_are_seen_as_text()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        using AdminTrace trace = await admin.TraceAsync("user=ann&contents=1", AdminServer.ContentsToken);
        string said = JsonSerializer.Serialize(Hostile + new string('x', 5_000));
        await ann.SendAsync($$"""{"type":"message","room":"general","content":{{said}}}""");
        string content = (await trace.UntilAsync("received", "message"))[^1].Text("content");
        Assert.Contains("onerror=alert(1)", content, StringComparison.Ordinal);
        Assert.Equal(4_096, content.Length);
    }

    [Fact]
    public async Task Tokens_and_the_secrets_of_sessions_are_never_seen()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        using AdminTrace trace = await admin.TraceAsync("user=ann&contents=1", AdminServer.ContentsToken);
        HubWay ann = await admin.JoinAsync("ann");
        await ann.SendAsync("""{"type":"auth","token":"valid-token","username":"ann"}""");
        await ann.SendAsync("""{"type":"ping","\u0074ype":"auth","token":"valid-token","username":"ann"}""");
        await ann.SendAsync("no JSON, with valid-token");
        await ann.SendAsync("""{"type":"ping","id":"last"}""");
        string seen = string.Join('\n', await trace.UntilAsync("sent", "pong"));
        Assert.Contains("auth-success", seen, StringComparison.Ordinal);
        Assert.Contains("unreadable", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("valid-token", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(ann.Secret!, seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_comes_later_or_by_another_way_is_seen_too()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        using AdminTrace trace = await admin.TraceAsync("user=ann");
        HubWay ann = await admin.Server.ConnectAsync(WayIn.Events, "ann");
        await ann.JoinAsync("general");
        List<JsonElement> seen = await trace.UntilAsync("sent", "joined-room");
        Assert.Equal(["received join-room", "sent joined-room"], seen.Take(2).Select(Describe));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_said_in_one_room_is_seen_whether_it_is_open_already_or_opens_later(bool isOpen)
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay? early = isOpen ? await admin.JoinAsync("ann", "tea") : null;
        using AdminTrace trace = await admin.TraceAsync("room=tea&contents=1", AdminServer.ContentsToken);
        HubWay ann = early ?? await admin.JoinAsync("ann", "tea");
        await ann.JoinAsync("coffee");
        await ann.SendAsync("""{"type":"message","room":"coffee","content":1}""");
        await ann.SendAsync("""{"type":"message","room":"tea","content":"hot"}""");
        JsonElement seen = await trace.NextAsync();
        Assert.Equal(("told message", "ann", 1), (Describe(seen), seen.Text("userId"), seen.Number("offset")));
        Assert.Equal("\"hot\"", seen.Text("content"));
    }

    [Fact]
    public async Task One_user_is_watched_once_and_no_more_are_than_may_be()
    {
        await using AdminServer admin = await AdminServer.StartAsync(static options => options.Admin.MaxTraces = 2);
        using AdminTrace ann = await admin.TraceAsync("user=ann");
        await AssertRefusedAsync("user=ann", HttpStatusCode.Conflict);
        using AdminTrace room = await admin.TraceAsync("room=ann");
        await AssertRefusedAsync("user=bob", HttpStatusCode.Conflict);
        foreach (string query in (string[])["", "user=", "room=", "user=a&room=b", "room=%00", "user=" + new string('x', 1_000)])
        {
            await AssertRefusedAsync(query, HttpStatusCode.BadRequest);
        }

        async Task AssertRefusedAsync(string query, HttpStatusCode expected)
        {
            using HttpResponseMessage response = await admin.RequestAsync(HttpMethod.Get, "api/trace?" + query, AdminServer.Token);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_trace_ends_when_its_reader_goes_or_its_time_is_over_and_nothing_is_watched_then()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        await admin.JoinAsync("ann", "tea");
        using (await admin.TraceAsync("user=ann"))
        {
            Assert.Contains(admin.Server.Hub.Sessions, static session => session.Link!.Trace is not null);
        }

        await Eventually.TrueAsync(() => admin.Server.Hub.Sessions.All(static session => session.Link!.Trace is null));
        using AdminTrace trace = await admin.TraceAsync("room=tea");
        Assert.NotNull(admin.Server.Hub.FindRoom("tea")!.Trace);
        admin.Server.Time.Advance(TimeSpan.FromMinutes(10));
        await trace.EndedAsync();
        await Eventually.TrueAsync(() => admin.Server.Hub.FindRoom("tea")!.Trace is null);
        await Eventually.TrueAsync(() => admin.Server.Hub.Context.Traces.OfRoom("tea") is null);
        Assert.Equal([66, 68, 66, 68], (await admin.AuditAsync()).Select(static entry => entry.Id));
    }

    [Fact]
    public void A_reader_that_does_not_keep_up_is_told_how_much_it_missed_and_nobody_waits_for_it()
    {
        var trace = new LiveTrace(isRoom: false, "ann", withContents: false, TimeProvider.System);
        for (int count = 0; count < 1_005; count++)
        {
            trace.Received("client", MessageType.Text, """{"type":"ping"}"""u8);
        }

        Assert.Equal((1_000, 5, 0), (trace.Entries.Count, trace.TakeDropped(), trace.TakeDropped()));
    }

    private static string Describe(JsonElement entry) => $"{entry.Text("direction")} {entry.Text("type")}";
}
