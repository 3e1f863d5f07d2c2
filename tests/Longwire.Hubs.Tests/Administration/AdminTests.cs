using System.Net;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>An administrator looks and acts.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task Connections_are_found_by_user_address_and_room()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann", "tea");
        HubWay bob = await admin.Server.ConnectAsync(WayIn.Events, "bob");
        await bob.JoinAsync("coffee");
        await admin.JoinAsync("joanna", "coffee");

        Assert.Equal(["ann", "bob", "joanna"], await UsersAsync(admin, ""));
        Assert.Equal(["ann", "joanna"], await UsersAsync(admin, "?user=ANN"));
        Assert.Equal(["bob", "joanna"], await UsersAsync(admin, "?room=coffee"));
        Assert.Equal(["ann", "bob", "joanna"], await UsersAsync(admin, "?address=127.0."));
        Assert.Empty(await UsersAsync(admin, "?address=10."));
        Assert.Empty(await UsersAsync(admin, "?slow=1"));
        JsonElement limited = await admin.LookAsync("api/connections?limit=1");
        Assert.Equal((3, 1), (limited.Number("total"), limited.GetProperty("connections").GetArrayLength()));
        JsonElement one = (await admin.LookAsync("api/connections?user=bob")).GetProperty("connections")[0];
        Assert.Equal((bob.ClientId, "server_sent_events", "127.0.0.1"), (one.Text("clientId"), one.Text("transport"), one.Text("address")));
        Assert.Equal("coffee", one.GetProperty("rooms")[0].GetString());
        Assert.Equal(
            ann.ClientId,
            (await admin.LookAsync("api/connections?user=" + ann.ClientId)).GetProperty("connections")[0].Text("clientId")
        );
    }

    private static async Task<string[]> UsersAsync(AdminServer admin, string query) =>
        [
            .. (await admin.LookAsync("api/connections" + query))
                .GetProperty("connections")
                .EnumerateArray()
                .Select(static connection => connection.Text("userId")),
        ];

    [Fact]
    public async Task A_reader_that_lags_behind_is_found_with_what_waits_for_it()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        await admin.JoinAsync("ann");
        using HttpResponseMessage hello = await admin.Server.Http.GetAsync(
            new Uri("/hub/poll?wait=0&token=valid-token&username=slow&room=general", UriKind.Relative)
        );
        hello.EnsureSuccessStatusCode();
        await admin.Server.Hub.PublishAsync("general", "\"for one who asks later\""u8.ToArray());
        await Eventually.TrueAsync(() => admin.Server.Hub.Sessions.Any(static session => session.Link is { WaitingBytes: > 0 }));

        JsonElement behind = (await admin.LookAsync("api/connections?slow=1")).GetProperty("connections");
        Assert.Equal("slow", Assert.Single(behind.EnumerateArray()).Text("userId"));
        Assert.True(behind[0].Number("waitingBytes") > 0);
        Assert.Equal(1, (await admin.LookAsync("api/status")).Number("behind"));
    }

    [Fact]
    public async Task The_state_of_the_node_has_its_connections_by_way_in_and_its_rates()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        await (await admin.Server.ConnectAsync(WayIn.Events, "bob")).JoinAsync("general");
        JsonElement before = await admin.LookAsync("api/status", AdminServer.Token);
        Assert.Equal(
            ("admin", true, false),
            (before.Text("role"), before.GetProperty("mayAct").GetBoolean(), before.GetProperty("maySeeContents").GetBoolean())
        );
        Assert.Equal((2, 1, true), (before.Number("connections"), before.Number("rooms"), before.GetProperty("ready").GetBoolean()));
        Assert.Equal(1, before.GetProperty("transports").Number("server_sent_events"));
        for (int count = 0; count < 4; count++)
        {
            await ann.SendAsync("""{"type":"ping"}""");
            await ann.UntilAsync("pong");
        }

        admin.Server.Time.Advance(TimeSpan.FromSeconds(2));
        JsonElement after = await admin.LookAsync("api/status");
        Assert.Equal(
            (2, 2, 0),
            (
                after.GetProperty("receivedPerSecond").GetDouble(),
                after.GetProperty("sentPerSecond").GetDouble(),
                after.GetProperty("rejectedPerSecond").GetDouble()
            )
        );
    }

    [Fact]
    public async Task Rooms_are_found_by_part_of_their_names_the_largest_first()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        await admin.JoinAsync("ann", "tea:green");
        await admin.JoinAsync("bob", "tea:black");
        await admin.JoinAsync("cat", "tea:black");
        await admin.Server.Hub.PublishAsync("tea:black", "1"u8.ToArray());
        JsonElement found = await admin.LookAsync("api/rooms?name=TEA");
        Assert.Equal(2, found.Number("total"));
        Assert.Equal(2, (await admin.LookAsync("api/rooms")).Number("total"));
        Assert.Equal("$all", (await admin.LookAsync("api/rooms?name=$a")).GetProperty("rooms")[0].Text("name"));
        JsonElement first = found.GetProperty("rooms")[0];
        Assert.Equal(("tea:black", 2, 1), (first.Text("name"), first.Number("members"), first.Number("offset")));
    }

    [Fact]
    public async Task A_session_or_a_user_is_kicked()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        HubWay bob = await admin.JoinAsync("bob");
        await admin.ActAsync("api/kick", $$"""{"clientId":"{{ann.ClientId}}"}""");
        await admin.ActAsync("api/kick", """{"userId":"bob"}""");
        Assert.Equal((4002, 4002), (await ann.ClosedAsync(), await bob.ClosedAsync()));
        Assert.Equal([(62, "admin", "session " + ann.ClientId), (62, "admin", "user bob")], await admin.AuditAsync());
    }

    [Fact]
    public async Task A_user_or_a_session_is_revoked()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        HubWay bob = await admin.JoinAsync("bob");
        await admin.ActAsync("api/revoke", $$"""{"clientId":"{{ann.ClientId}}"}""");
        await admin.ActAsync("api/revoke", """{"userId":"bob"}""");
        await admin.ActAsync("api/revoke", """{"tokenId":"t1"}""");
        Assert.Equal((4003, 4003), (await ann.ClosedAsync(), await bob.ClosedAsync()));
        Assert.Equal(
            [(63, "admin", "session " + ann.ClientId), (63, "admin", "user bob"), (63, "admin", "token t1")],
            await admin.AuditAsync()
        );
    }

    [Fact]
    public async Task A_user_or_an_address_is_banned_for_a_time_or_for_good_and_let_in_again()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        HubWay bob = await admin.JoinAsync("bob");
        await admin.ActAsync("api/ban", """{"userId":"ann","seconds":60}""");
        Assert.Equal(4002, await ann.ClosedAsync());
        await admin.ActAsync("api/ban", """{"userId":"ann","seconds":0}""");
        await admin.JoinAsync("ann");
        await admin.ActAsync("api/ban", """{"address":"127.0.0.1"}""");
        Assert.Equal(4002, await bob.ClosedAsync());
        await admin.ActAsync("api/ban", """{"address":"10.0.0.0/8","seconds":60}""");
        foreach (
            string body in (string[])
                ["""{"address":"somewhere"}""", """{"userId":"ann","seconds":-1}""", """{"userId":"ann","seconds":1e300}"""]
        )
        {
            await admin.ActAsync("api/ban", body, HttpStatusCode.BadRequest);
        }

        Assert.Equal(
            ["user ann, 60 s", "user ann, 0 s", "address 127.0.0.1, for good", "network 10.0.0.0/8, 60 s"],
            (await admin.AuditAsync()).Select(static entry => entry.Target)
        );
    }

    [Fact]
    public async Task Bans_are_listed_the_newest_first_until_they_end_or_are_lifted()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        DateTimeOffset began = admin.Server.Time.GetUtcNow();
        await admin.ActAsync("api/ban", """{"userId":"ann","seconds":60}""");
        admin.Server.Time.Advance(TimeSpan.FromSeconds(1));
        await admin.ActAsync("api/ban", """{"address":"2001:db8::1"}""");
        await admin.ActAsync("api/revoke", """{"userId":"cat"}""");
        JsonElement bans = (await admin.LookAsync("api/bans")).GetProperty("bans");
        Assert.Equal((2, 2), ((await admin.LookAsync("api/bans")).Number("total"), bans.GetArrayLength()));
        Assert.Equal(("2001:db8::", false, false), (bans[0].Text("address"), bans[0].Has("userId"), bans[0].Has("until")));
        Assert.Equal(("ann", false), (bans[1].Text("userId"), bans[1].Has("address")));
        Assert.Equal(
            (began, began.AddMinutes(1)),
            (bans[1].GetProperty("since").GetDateTimeOffset(), bans[1].GetProperty("until").GetDateTimeOffset())
        );
        Assert.Equal(["ann"], await NamesAsync("?name=AN"));
        Assert.Equal((2, 1), ((await admin.LookAsync("api/bans?limit=1")).Number("total"), (await NamesAsync("?limit=1")).Length));
        admin.Server.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(["2001:db8::"], await NamesAsync(""));
        await admin.ActAsync("api/ban", """{"address":"2001:db8::","seconds":0}""");
        Assert.Empty(await NamesAsync(""));

        async Task<string[]> NamesAsync(string query) =>
            [
                .. (await admin.LookAsync("api/bans" + query))
                    .GetProperty("bans")
                    .EnumerateArray()
                    .Select(static ban => ban.Has("userId") ? ban.Text("userId") : ban.Text("address")),
            ];
    }

    [Fact]
    public async Task The_node_is_drained_at_a_rate()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        await admin.ActAsync("api/drain", """{"rate":0}""", HttpStatusCode.BadRequest);
        await admin.ActAsync("api/drain", """{"rate":100}""");
        Assert.False((await admin.LookAsync("api/status")).GetProperty("ready").GetBoolean());
        Assert.Equal("draining", (await admin.ActAsync("api/drain", "{}", HttpStatusCode.BadRequest)).Text("code"));
        admin.Server.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.UntilAsync("drain");
        Assert.Equal(1012, await ann.ClosedAsync());
        Assert.Equal([(65, "admin", $"node {admin.Server.Hub.Node}, 100 a second")], await admin.AuditAsync());
    }
}
