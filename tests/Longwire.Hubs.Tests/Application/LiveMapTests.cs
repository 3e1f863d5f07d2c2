using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>The application's side of live maps, and what hostile clients can't do to them.</summary>
public sealed class LiveMapTests
{
    [Fact]
    public async Task The_server_puts_updates_and_removes_by_typed_views_and_members_see_it()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("board:7");
        IRoomMap<Card> cards = host.Hub.Room("board:7").Map<Card>("card/");
        Assert.Equal(new MapResult(MapOutcome.Changed, 1), await cards.PutAsync("1", new Card("Tea", "todo"), new() { IfNew = true }));
        Assert.Equal(new MapResult(MapOutcome.Conflict, 1), await cards.PutAsync("1", new Card("Tea", "todo"), new() { IfNew = true }));
        Assert.Equal(new MapResult(MapOutcome.Changed, 2), await cards.UpdateAsync("1", static card => card with { Column = "done" }));
        Assert.Equal(new MapValue<Card>(new Card("Tea", "done"), 2), await cards.GetAsync("1"));
        MapResult missing = await cards.UpdateAsync("2", static card => card);
        Assert.Equal((false, 0), (missing.Succeeded, missing.Version));
        Assert.Null(await cards.GetAsync("2"));
        Assert.True((await cards.RemoveAsync("1")).Succeeded);
        await ann.FlushAsync();
        ReceivedMessage[] changes = [.. ann.Received.Where(static message => message.Type == "map-changed")];
        Assert.Equal(["card/1", "card/1", "card/1"], changes.Select(static change => change.Json.Text("key")));
        Assert.Equal("""{"title":"Tea","column":"done"}""", changes[1].Json.GetProperty("value").GetRawText());
        Assert.True(changes[2].Json.Has("removed"));
    }

    [Fact]
    public async Task Two_that_update_one_key_at_once_lose_nothing()
    {
        await using HubTestHost host = await StartAsync();
        IRoomMap<int> counters = host.Hub.Room("board:7").Map<int>();
        await counters.PutAsync("n", 0);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        for (int done = 0; done < 25; )
                        {
                            done += (await counters.UpdateAsync("n", static n => n + 1)).Succeeded ? 1 : 0;
                        }
                    })
                )
        );
        Assert.Equal(100, (await counters.GetAsync("n"))?.Value);
    }

    [Theory]
    [InlineData("ann", "cursor/ann", true)]
    [InlineData("ann", "cursor/ann/tab2", true)]
    [InlineData("ann", "cursor/bob", false)]
    [InlineData("ann", "cursor/annabel", false)]
    [InlineData("ann", "cursor/", false)]
    [InlineData("ann", "cursor", false)]
    [InlineData("ann/x", "cursor/ann/x", false)]
    [InlineData("ann", "card/1", false)]
    [InlineData("editor", "card/1", true)]
    [InlineData("editor", "card/locked", false)]
    [InlineData("editor", "cards", false)]
    [InlineData("ann", "note/1", true)]
    [InlineData("ann", "anything", false)]
    public async Task A_client_puts_and_removes_what_a_rule_allows_and_nothing_else(string user, string key, bool allowed)
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient client = await host.ConnectAsync(user, new Claim("role", user));
        await client.JoinAsync("board:7");
        client.Send(Encoding.UTF8.GetBytes($$"""{"type":"map-put","room":"board:7","key":"{{key}}","value":1,"id":"p"}"""));
        client.Send(Encoding.UTF8.GetBytes($$"""{"type":"map-remove","room":"board:7","key":"{{key}}","id":"r"}"""));
        await client.FlushAsync();
        string[] answers = [.. client.Received.Where(static message => IdOf(message) is "p" or "r").Select(static message => message.Type)];
        Assert.Equal(allowed ? ["ack", "ack"] : ["error", "error"], answers);
        Assert.Equal(allowed ? 2 : 0, client.Received.Count(static message => message.Type == "map-changed"));
        if (!allowed)
        {
            Assert.All(
                client.Received.Where(static message => message.Type == "error"),
                static error => Assert.Equal("forbidden", error.Json.Text("code"))
            );
        }
    }

    [Fact]
    public async Task A_rule_says_why_not()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient client = await host.ConnectAsync("editor", new Claim("role", "editor"));
        await client.JoinAsync("board:7");
        client.Send("""{"type":"map-put","room":"board:7","key":"card/locked","value":1}"""u8);
        Assert.Equal("It is locked", (await client.NextAsync("error")).Json.Text("message"));
    }

    [Fact]
    public async Task A_map_without_rules_is_the_servers_alone_and_so_is_a_room_that_the_client_is_not_in()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient eve = await host.ConnectAsync("eve");
        await eve.JoinAsync("prices");
        await host.Hub.Room("prices").Map<int>().PutAsync("tea", 3);
        await eve.NextAsync("map-changed");
        (string Request, string Code)[] cases =
        [
            ("""{"type":"map-put","room":"prices","key":"tea","value":1}""", "forbidden"),
            ("""{"type":"map-remove","room":"prices","key":"tea"}""", "forbidden"),
            ("""{"type":"map-put","room":"board:7","key":"note/1","value":1}""", "unknown-room"),
            ("""{"type":"map-read","room":"board:7"}""", "unknown-room"),
            ("""{"type":"map-changed","room":"prices","key":"tea","value":1}""", "unknown-type"),
            ("""{"type":"message","room":"prices","key":"tea","content":1,"version":9}""", "read-only"),
        ];
        foreach ((string request, string code) in cases)
        {
            eve.Send(Encoding.UTF8.GetBytes(request));
            Assert.Equal(code, (await eve.NextAsync("error")).Json.Text("code"));
        }

        Assert.Equal(3, (await host.Hub.Room("prices").Map<int>().GetAsync("tea"))?.Value);
    }

    [Fact]
    public async Task A_filter_sees_changes_of_the_map()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(static hub =>
            hub.MapRoom("board")
                .WithMap(static map => map.MayPut(""))
                .AddFilter(static (invocation, next) => invocation.MessageType == "map-put" ? new(invocation.Refuse("Not today")) : next())
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("board");
        ann.Send("""{"type":"map-put","room":"board","key":"a","value":1}"""u8);
        Assert.Equal("Not today", (await ann.NextAsync("error")).Json.Text("message"));
    }

    [Fact]
    public async Task A_value_is_made_safe_where_text_is()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(static hub =>
            hub.MapRoom("board").WithSafeText().WithMap(static map => map.MayPut(""))
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("board");
        ann.Send("""{"type":"map-put","room":"board","key":"a","value":"<b>"}"""u8);
        Assert.Equal("&lt;b&gt;", (await ann.NextAsync("map-changed")).Json.Text("value"));
        await host.Hub.Room("board").Map<string>().PutAsync("a", "<i>");
        Assert.Equal("&lt;i&gt;", (await ann.NextAsync("map-changed")).Json.Text("value"));
    }

    [Theory]
    [InlineData("card/1", """{"title":"Tea","column":"todo","owner":"eve"}""", """{"title":"Tea","column":"todo"}""")]
    [InlineData("card/1", """{"title":"Tea"}""", null)]
    [InlineData("card/1", """{"title":"","column":"todo"}""", null)]
    [InlineData("card/1", "1", null)]
    [InlineData("card/1", "null", null)]
    [InlineData("card/votes/1", "1", "1")]
    [InlineData("card/votes/1", """{"title":"Tea","column":"todo"}""", null)]
    [InlineData("note", """{"title":1}""", """{"title":1}""")]
    public async Task What_clients_put_is_of_the_type_that_the_map_holds_by_the_longest_prefix(string key, string value, string? kept)
    {
        await using HubTestHost host = await StartTypedAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("board");
        ann.Send(Encoding.UTF8.GetBytes($$"""{"type":"map-put","room":"board","key":"{{key}}","value":{{value}},"id":"p"}"""));
        if (kept is null)
        {
            Assert.Equal("invalid-format", (await ann.NextAsync("error")).Json.Text("code"));
        }
        else
        {
            Assert.Equal(kept, (await ann.NextAsync("map-changed")).Json.GetProperty("value").GetRawText());
        }

        // To remove a key needs no value.
        ann.Send(Encoding.UTF8.GetBytes($$"""{"type":"map-remove","room":"board","key":"{{key}}","id":"r"}"""));
        await ann.NextAsync("ack");
    }

    [Fact]
    public async Task The_servers_view_of_what_the_map_holds_is_of_the_same_type()
    {
        await using HubTestHost host = await StartTypedAsync();
        IHubRoom room = host.Hub.Room("board");
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => room.Map<string>("card/"));
        Assert.Contains("Write Map<ValidCard>(\"card/\").", fault.Message, StringComparison.Ordinal);
        Assert.True((await room.Map<ValidCard>("card/").PutAsync("1", new ValidCard("Tea", "todo"))).Succeeded);
    }

    [Fact]
    public async Task A_prefix_holds_one_type()
    {
        LongwireConfigurationException fault = await Assert.ThrowsAsync<LongwireConfigurationException>(() =>
            HubTestHost.StartAsync(static hub => hub.MapRoom("board").WithMap(static map => map.Holds<int>("a/").Holds<string>("a/")))
        );
        Assert.Contains("MapRoom(\"board\").WithMap.Holds<String>(\"a/\"): ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_room_without_a_map_says_so_to_the_developer()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(static hub => hub.MapRoom("chat"));
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => host.Hub.Room("chat").Map<int>());
        Assert.Contains("WithMap()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_the_servers_keeps_to_the_rules_too()
    {
        await using HubTestHost host = await StartAsync();
        IRoomMap<int> prices = host.Hub.Room("prices").Map<int>();
        foreach (string key in (string[])["", "$presence", "\ud800", new string('x', 129)])
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await prices.PutAsync(key, 1));
        }
    }

    private static string? IdOf(ReceivedMessage message) => message.Json.Has("id") ? message.Json.Text("id") : null;

    private static Task<HubTestHost> StartAsync() =>
        HubTestHost.StartAsync(
            hub =>
            {
                hub.MapRoom("board:{id:int}")
                    .WithMap(map =>
                        map.OwnKeys("cursor/")
                            .MayPut("card/", async (MapRequest put, int id, Boards boards) => await boards.MayEditAsync(put, id))
                            .MayPut("note/", static put => put.UserId != "eve")
                    );
                hub.MapRoom("prices").ReadOnly().WithMap();
            },
            static services => services.AddSingleton<Boards>()
        );

    private static Task<HubTestHost> StartTypedAsync() =>
        HubTestHost.StartAsync(static hub =>
            hub.MapRoom("board").WithMap(static map => map.Holds<ValidCard>("card/").Holds<int>("card/votes/").MayPut(""))
        );

    private sealed record Card(string Title, string Column);

    private sealed record ValidCard([property: MinLength(1)] string Title, string Column);

    private sealed class Boards
    {
        public async Task<HubDecision> MayEditAsync(MapRequest put, int id)
        {
            await Task.Yield();
            return put.Key == "card/locked" ? put.Refuse("It is locked")
                : id == 7 && put.User.HasClaim("role", "editor") ? put.Accept()
                : put.Refuse("Forbidden");
        }
    }
}
