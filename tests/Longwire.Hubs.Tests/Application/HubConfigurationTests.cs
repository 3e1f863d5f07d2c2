using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>The errors of a developer who has put the application together wrongly.</summary>
public sealed class HubConfigurationTests
{
    [Fact]
    public async Task All_faults_are_listed_at_the_start()
    {
        LongwireConfigurationException exception = await Assert.ThrowsAsync<LongwireConfigurationException>(() =>
            HubTestHost.StartAsync(
                hub =>
                {
                    hub.MapRoom("chat:{name}").RequireAuthorization("members");
                    hub.MapRoom("chat:{id}");
                    hub.MapRoom("board:{id:int}").OnJoin((JoinRequest join, int idd) => join.Accept());
                    hub.MapRoom("doc:{id}").On<Edit>((RoomRequest request, Edit edit) => { });
                    hub.MapRoom("broken:{");
                },
                services => services.AddAuthorizationBuilder().AddPolicy("member", policy => policy.RequireAuthenticatedUser())
            )
        );
        Assert.Equal(
            [
                """MapRoom("chat:{name}"): no policy "members" is registered. Known: "member". Write AddAuthorizationBuilder().AddPolicy("members", …).""",
                """MapRoom("board:{id:int}").OnJoin: the parameter "idd" is neither a value of the room's name (id) nor a service. Did you mean "id"?""",
                """MapRoom("doc:{id}").On<Edit>: Edit has a property UserId, which the hub writes. Rename it.""",
                """MapRoom("broken:{"): the braces don't match. Write a parameter as {name}.""",
                """MapRoom("chat:{name}") and MapRoom("chat:{id}") match the same rooms, for example "chat:x". Constrain one, as {name:int}.""",
            ],
            exception.Faults
        );
        Assert.Equal(string.Join(Environment.NewLine, exception.Faults), exception.Message);
    }

    [Fact]
    public void The_services_are_missing()
    {
        WebApplication app = WebApplication.CreateSlimBuilder().Build();
        Assert.Equal(
            """MapLongwireHub("/hub"): the hub's services are missing. Write builder.Services.AddLongwireHub() before builder.Build().""",
            Assert.Throws<LongwireConfigurationException>(() => app.MapLongwireHub("/hub")).Message
        );
    }

    [Fact]
    public async Task Authorization_without_its_services_says_what_to_write()
    {
        string fault = await FaultAsync(hub => hub.MapRoom("a").RequireAuthorization());
        Assert.Equal("""MapRoom("a"): RequireAuthorization needs services. Write builder.Services.AddAuthorization().""", fault);
    }

    [Fact]
    public async Task A_hook_that_decides_nothing_is_a_fault() =>
        Assert.Equal(
            """MapRoom("a").OnJoin: it returns Boolean. It has to return HubDecision, or a Task or ValueTask of that.""",
            await FaultAsync(hub => hub.MapRoom("a").OnJoin((JoinRequest join, IHub it) => true))
        );

    [Fact]
    public async Task A_type_that_the_hub_has_itself_is_a_fault() =>
        Assert.Equal(
            """MapRoom("a").On<Ping>: the hub itself has messages of type "ping". Name Ping otherwise, as [HubMessage("my-ping")].""",
            await FaultAsync(hub => hub.MapRoom("a").On<Ping>((request, ping) => { }))
        );

    [Fact]
    public async Task Two_handlers_of_one_type_are_a_fault() =>
        Assert.Equal(
            """MapRoom("a").Relay<Typing>: messages of type "typing" have a handler already.""",
            await FaultAsync(hub => hub.MapRoom("a").On<Typing>((request, typing) => { }).Relay<Typing>())
        );

    [Fact]
    public async Task A_message_that_is_no_object_is_a_fault() =>
        Assert.Equal(
            """MapRoom("a").Relay<Int32>: Int32 is no object in JSON. A message is a class or a record with properties.""",
            await FaultAsync(hub => hub.MapRoom("a").Relay<int>())
        );

    [Fact]
    public async Task A_room_that_nothing_matches_is_named_with_those_that_are_mapped()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            hub.MapRoom("chat:{name}");
            hub.MapRoom("metrics");
        });
        Assert.Equal(
            """No room matches "chta:1". Mapped: chat:{name}, metrics.""",
            Assert.Throws<UnknownRoomException>(() => host.Hub.Room("chta:1")).Message
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        Assert.Equal("unknown-room", (await Assert.ThrowsAsync<HubRefusedException>(() => ann.JoinAsync("chta:1"))).Code);
    }

    [Fact]
    public async Task Mapping_after_the_start_is_refused()
    {
        LongwireHubEndpointBuilder? builder = null;
        await using HubTestHost host = await HubTestHost.StartAsync(hub => builder = hub);
        Assert.Throws<InvalidOperationException>(() => builder!.MapRoom("late"));
        Assert.Throws<InvalidOperationException>(() => builder!.On<Typing>((request, typing) => { }));
    }

    [Fact]
    public async Task A_section_sets_limits_the_endpoints_options_tokens_keys_and_the_drain()
    {
        await using WebApplication app = await StartAsync(
            """
            { "Hub": {
                "ResumeWindow": "00:05:00", "AllowGuests": true,
                "Endpoint": { "Origins": [ "https://*.example.com" ], "RefuseInHandshake": true },
                "Jwt": { "Issuer": "https://id.example.com", "Audience": "chat", "Algorithms": [ "RS256" ], "JwksUrl": "https://id.example.com/jwks" },
                "ApiKeys": [ { "Name": "shop", "Hash": "0000000000000000000000000000000000000000000000000000000000000000", "Rooms": [ "a:*" ], "Rate": "10/s" } ],
                "Limits": {
                    "User": { "Connections": 20, "Messages": "100/s", "Bytes": "1MiB/s", "Joins": "10/s" },
                    "Address": { "Connections": 1000, "Messages": "30/m", "Bytes": "500 KB/m", "Joins": "20/s" },
                    "Session": { "Rooms": 5, "Messages": "20/s", "Bytes": "256KiB/s", "Joins": "1/s" } },
                "Http": { "PollTimeout": "00:02:00" },
                "Drain": { "Rate": 250 } } }
            """
        );
        LongwireHubOptions options = app.Services.GetRequiredService<Hub>().Options;
        Assert.Equal((TimeSpan.FromMinutes(5), true), (options.ResumeWindow, options.AllowGuests));
        Assert.Equal((20, 1_000, 5), (options.MaxConnectionsPerUser, options.MaxConnectionsPerAddress, options.MaxRoomsPerSession));
        Assert.Equal(new RateLimitOptions { MessagesPerSecond = 100, Burst = 200 }, options.RateLimit);
        Assert.Equal(new RateLimitOptions { MessagesPerSecond = 0.5, Burst = 60 }, options.AddressRateLimit);
        Assert.Equal(new ByteRateOptions { BytesPerSecond = 1 << 20, Burst = 2 << 20 }, options.ByteRate);
        Assert.Equal(new ByteRateOptions { BytesPerSecond = 500_000 / 60.0, Burst = 1_000_000 }, options.AddressByteRate);
        Assert.Equal((10, 20), (options.JoinRate!.MessagesPerSecond, options.AddressJoinRate!.MessagesPerSecond));
        Assert.Equal((20, 1), (options.SessionRateLimit!.MessagesPerSecond, options.SessionJoinRate!.MessagesPerSecond));
        Assert.Equal(new ByteRateOptions { BytesPerSecond = 256 << 10, Burst = 512 << 10 }, options.SessionByteRate);
        Assert.True(options.RefuseInHandshake);
        Assert.Equal((250, TimeSpan.FromMinutes(2)), (options.Drain!.Rate, options.Http.PollTimeout));
        Assert.Equal(["RS256"], options.Jwt!.Algorithms);
        Assert.Equal((10, "a:*"), (options.ApiKeys[0].Rate!.MessagesPerSecond, Assert.Single(options.ApiKeys[0].Rooms)));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/hub/poll?wait=0");
        foreign.Headers.Add("Origin", "https://app.example.com");
        using HttpResponseMessage answer = await app.GetTestClient().SendAsync(foreign);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("https://app.example.com", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData(
        """{ "Limits": { "User": { "Messages": "fast" } } }""",
        "Hub:Limits:User:Messages is \"fast\"; write a rate such as \"100/s\"."
    )]
    [InlineData(
        """{ "Limits": { "User": { "Messages": "0/s" } } }""",
        "Hub:Limits:User:Messages is \"0/s\"; write a rate such as \"100/s\"."
    )]
    [InlineData(
        """{ "Limits": { "Users": { "Messages": "1/s" } } }""",
        "Hub:Limits:Users:Messages is no limit. There are User:Connections"
    )]
    [InlineData("""{ "Limits": { "User": { "Bytes": "1/s" } } }""", "Hub:Limits:User:Bytes is \"1/s\"; write a rate such as \"2MiB/s\".")]
    [InlineData("""{ "Limits": { "Session": { "Bytes": "1" } } }""", "Hub:Limits:Session:Bytes is \"1\"; write a rate such as \"2MiB/s\".")]
    [InlineData("""{ "RevocationAge": "00:00:00" }""", "AddLongwireHub: RevocationAge")]
    [InlineData("""{ "MaxConnections": "many" }""", "Hub:MaxConnections is \"many\"; write a whole number.")]
    [InlineData("""{ "ResumeWindow": "soon" }""", "Hub:ResumeWindow is \"soon\"; write a time such as \"00:00:30\".")]
    [InlineData("""{ "MaxConections": 1 }""", "Hub:MaxConections is no option.")]
    [InlineData("""{ "MaxConnections": 0 }""", "AddLongwireHub: MaxConnections")]
    [InlineData("""{ "Jwt": { "Key": "short", "Algorithms": [ "HS256" ] } }""", "AddLongwireHub: Jwt:Key is shorter than 32 bytes")]
    [InlineData("""{ "Admin": { "Token": "short" } }""", "AddLongwireHub: Admin:Token has 5 characters; write 32 or more")]
    [InlineData("""{ "Drain": { "Rate": 0 } }""", "AddLongwireHub: Drain:Rate has to be more than 0")]
    [InlineData("""{ "Drain": { "Timeout": "-00:00:01" } }""", "AddLongwireHub: Drain:Timeout")]
    [InlineData("""{ "Http": { "PollTimeout": "00:00:00" } }""", "AddLongwireHub: Http:PollTimeout")]
    [InlineData("""{ "OwnRooms": { "HistorySize": -1 } }""", "AddLongwireHub: OwnRooms:HistorySize")]
    [InlineData("""{ "OwnRooms": { "ByteRate": { "Burst": 0 } } }""", "AddLongwireHub: OwnRooms:ByteRate:Burst has to be more than 0.")]
    [InlineData(
        """{ "SessionRateLimit": { "MessagesPerSecond": 0 } }""",
        "AddLongwireHub: SessionRateLimit:MessagesPerSecond has to be more than 0."
    )]
    [InlineData("""{ "AddressByteRate": { "Burst": -1 } }""", "AddLongwireHub: AddressByteRate:Burst has to be more than 0.")]
    [InlineData(
        """{ "Rooms": { "chat:{name}": { "MessageRate": { "MessagesPerSecond": 0 } } } }""",
        "MapRoom(\"chat:{name}\"): MessageRate:MessagesPerSecond is 0, which is out of range."
    )]
    [InlineData("""{ "Endpoint": { "Orgins": [ "https://a.example" ] } }""", "Hub:Endpoint:Orgins is no option.")]
    [InlineData("""{ "Endpoint": { "Origins": [ "example" ] } }""", "Hub:Endpoint:Origins: 'example' is not an origin")]
    public async Task A_value_that_makes_no_sense_fails_at_the_start_and_the_key_is_named(string hub, string words)
    {
        LongwireConfigurationException exception = await Assert.ThrowsAsync<LongwireConfigurationException>(() =>
            StartAsync($$"""{ "Hub": {{hub}} }""")
        );
        Assert.StartsWith(words, exception.Message);
    }

    [Fact]
    public async Task A_section_of_the_configuration_sets_options_and_numbers_of_mapped_rooms()
    {
        await using WebApplication app = await StartAsync(
            """{ "Hub": { "MaxConnections": 7, "Rooms": { "chat:{name}": { "HistorySize": 2, "MessageRate": "5/s", "ByteRate": "64KiB/s" } } } }"""
        );
        Assert.Equal(7, app.Services.GetRequiredService<Hub>().Options.MaxConnections);
        RoomOptions options = app.Services.GetRequiredService<Hub>().Context.Settings.Rooms.Find("chat:x")!;
        Assert.Equal((5, 65_536), (options.MessageRate!.MessagesPerSecond, options.ByteRate!.BytesPerSecond));
        Assert.Equal((2, TimeSpan.FromHours(1)), (options.HistorySize, options.HistoryAge));
    }

    [Fact]
    public async Task Rooms_of_the_configuration_that_are_not_mapped_are_a_fault()
    {
        LongwireConfigurationException exception = await Assert.ThrowsAsync<LongwireConfigurationException>(() =>
            StartAsync(
                """{ "Hub": { "Rooms": { "chta:{name}": { "HistorySize": 2 }, "chat:{name}": { "HistorySize": -1, "Members": 3 } } } }"""
            )
        );
        Assert.Contains("Hub:Rooms:chta:{name}:HistorySize is of no room that is mapped. Mapped: chat:{name}.", exception.Faults);
        Assert.Contains(exception.Faults, fault => fault.StartsWith("Hub:Rooms:chat:{name}: ") && fault.Contains("Members"));
    }

    private static async Task<WebApplication> StartAsync(string settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(settings)));
        builder.Services.AddLongwireHub(builder.Configuration.GetSection("Hub"));
        WebApplication app = builder.Build();
        app.MapLongwireHub("/hub").MapRoom("chat:{name}").WithHistory(100, TimeSpan.FromHours(1));
        await app.StartAsync();
        return app;
    }

    private static async Task<string> FaultAsync(Action<LongwireHubEndpointBuilder> map) =>
        (await Assert.ThrowsAsync<LongwireConfigurationException>(() => HubTestHost.StartAsync(map))).Message;

    private sealed record Edit(string UserId);

    private sealed record Ping(int Number);
}
