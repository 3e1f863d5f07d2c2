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
    public async Task A_section_of_the_configuration_sets_options_and_numbers_of_mapped_rooms()
    {
        await using WebApplication app = await StartAsync(
            """{ "Hub": { "MaxConnections": 7, "Rooms": { "chat:{name}": { "HistorySize": 2 } } } }"""
        );
        Assert.Equal(7, app.Services.GetRequiredService<Hub>().Options.MaxConnections);
        RoomOptions options = app.Services.GetRequiredService<Hub>().Settings.Rooms.Find("chat:x")!;
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
