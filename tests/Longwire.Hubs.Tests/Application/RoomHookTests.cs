using System.Security.Claims;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class RoomHookTests
{
    [Fact]
    public async Task Parameters_are_bound_as_minimal_APIs_bind_theirs()
    {
        var seen = new List<string>();
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub =>
                hub.MapRoom("order:{id:int}:{part}")
                    .OnJoin(
                        (
                            Scoped one,
                            int ID,
                            JoinRequest join,
                            string part,
                            ClaimsPrincipal user,
                            IHubSession session,
                            Scoped other,
                            CancellationToken ended,
                            [FromServices] Missing? missing
                        ) =>
                        {
                            seen.Add($"{ID} {part} {user.Identity!.Name} {session.ClientId == join.Session.ClientId} {one == other}");
                            seen.Add($"{join.UserId} {join.Room.Name} {ended.CanBeCanceled} {missing is null}");
                            return Task.FromResult(join.Accept());
                        }
                    ),
            services => services.AddScoped<Scoped>()
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("order:7:lines");
        Assert.Equal(["7 lines ann True True", "ann order:7:lines True True"], seen);
        Assert.Equal(1, Scoped.Disposed);
    }

    [Fact]
    public async Task A_policy_is_asked_again_when_the_token_is_renewed()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub =>
            {
                hub.OnAuthenticate(
                    static (AuthenticateRequest request) =>
                        request.Accept(new HubIdentity("ann") { Claims = [new Claim("rooms", request.Token)] })
                );
                hub.MapRoom("closed").RequireAuthorization("member");
                hub.MapRoom("open");
            },
            static services =>
                services
                    .AddAuthorizationBuilder()
                    .AddPolicy("member", static policy => policy.RequireAssertion(static context => context.User.HasClaim("rooms", "all")))
        );
        HubTestClient ann = await host.ConnectAsync();
        await ann.AuthenticateAsync("all");
        await ann.JoinAsync("closed");
        await ann.JoinAsync("open");
        await ann.AuthenticateAsync("all");
        Assert.DoesNotContain(ann.Received, static message => message.Type == "left-room");
        await ann.AuthenticateAsync("few");
        await ann.PublishAsync("open", new Say("still here"));
        ReceivedMessage left = Assert.Single(ann.Received, static message => message.Type == "left-room");
        Assert.Contains("\"room\":\"closed\",\"reason\":\"forbidden\"", left.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_is_not_of_its_parameters_type_is_no_room()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
            hub.MapRoom("order:{id}").OnJoin((JoinRequest join, int id) => join.Accept())
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("order:7");
        Assert.Equal("unknown-room", (await Assert.ThrowsAsync<HubRefusedException>(() => ann.JoinAsync("order:x"))).Code);
    }

    [Fact]
    public async Task A_hook_that_throws_is_a_fault_and_not_a_refusal()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
            hub.MapRoom("a")
                .OnJoin(static (join) => join.UserId == "eve" ? throw new InvalidOperationException("a secret") : join.Accept())
                .On<Typing>(static (request, typing) => throw new InvalidOperationException("another"))
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        HubTestClient eve = await host.ConnectAsync("eve");
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => eve.JoinAsync("a"));
        Assert.Equal(("internal", "Internal error", "a secret"), (refused.Code, refused.Message, refused.InnerException!.Message));
        await ann.JoinAsync("a");
        refused = await Assert.ThrowsAsync<HubRefusedException>(() => ann.PublishAsync("a", new Typing(true)));
        Assert.Equal("another", refused.InnerException!.Message);
        await ann.FlushAsync();
    }

    [Fact]
    public async Task Plain_lambdas_need_no_reflection()
    {
        var seen = new List<string>();
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            hub.MapRoom("a")
                .OnJoin(async join =>
                {
                    await Task.Yield();
                    return join.Accept();
                })
                .OnMessage<Say>(message => message.Accept(new Say(message.Content.Text.ToUpperInvariant())))
                .On<Typing>((request, typing) => request.Room.Others.SendAsync(typing))
                .On<Search, SearchResult>(async (request, search) => new SearchResult([search.Text]))
                .OnLeave(leave =>
                {
                    seen.Add($"{leave.UserId} {leave.Cause}");
                    return default;
                });
            hub.On<Typing>((request, typing) => seen.Add($"hub {request.User.Identity!.Name} {typing.On}"));
        });
        HubTestClient ann = await host.ConnectAsync("ann");
        HubTestClient bob = await host.ConnectAsync("bob");
        await Task.WhenAll(ann.JoinAsync("a"), bob.JoinAsync("a"));
        await ann.PublishAsync("a", new Say("hi"));
        Assert.Equal("HI", (await bob.NextAsync<Say>()).Text);
        await ann.PublishAsync("a", new Typing(true));
        Assert.True((await bob.NextAsync<Typing>()).On);
        Assert.Equal(["tea"], (await ann.AskAsync<SearchResult>("a", new Search("tea"))).Found);
        await ann.LeaveAsync("a");
        ann.Send(null, new Typing(false));
        await ann.FlushAsync();
        Assert.Equal(["ann Left", "hub ann False"], seen);
    }

    [Fact]
    public async Task Without_a_room_a_message_goes_to_the_only_one_that_takes_it()
    {
        var seen = new List<string>();
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            hub.MapRoom("game:{id}").On<Typing>((request, _) => seen.Add(request.Room.Name));
            hub.MapRoom("chat");
        });
        HubTestClient ann = await host.ConnectAsync("ann");
        ann.Send("""{"type":"typing","on":true,"id":"1"}"""u8);
        await ann.JoinAsync("chat");
        ann.Send("""{"type":"typing","on":true,"id":"2"}"""u8);
        await ann.JoinAsync("game:1");
        ann.Send("""{"type":"typing","on":true,"id":"3"}"""u8);
        await ann.JoinAsync("game:2");
        ann.Send("""{"type":"typing","on":true,"id":"4"}"""u8);
        ann.Send("""{"type":"typing","on":true,"id":"5","room":"chat"}"""u8);
        ann.Send("""{"type":"typing","on":true,"id":"6","room":"game:2"}"""u8);
        ann.Send("""{"type":"nothing","id":"7"}"""u8);
        await ann.FlushAsync();
        Assert.Equal(["game:1", "game:2"], seen);
        Assert.Equal(
            ["1 not-in-room", "2 not-in-room", "3", "4 not-in-room", "5 not-in-room", "6", "7 unknown-type"],
            ann.Received.Where(m => m.Type is "ack" or "error").Select(m => $"{Text(m, "id")} {Text(m, "code")}".TrimEnd())
        );
    }

    [Fact]
    public async Task In_a_read_only_room_only_the_application_writes()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("news").ReadOnly());
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("news");
        Assert.Equal("read-only", (await Assert.ThrowsAsync<HubRefusedException>(() => ann.PublishAsync("news", new Say("hi")))).Code);
        await host.Hub.Room("news").PublishAsync(new Say("hi"));
        Assert.Equal("hi", (await ann.NextAsync<Say>()).Text);
    }

    [Fact]
    public async Task The_default_policy_refuses_guests()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub => hub.MapRoom("a").RequireAuthorization(),
            services => services.AddAuthorization(),
            options => options.AllowGuests = true
        );
        HubTestClient guest = await host.ConnectAsync();
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<HubRefusedException>(() => guest.JoinAsync("a"))).Code);
        await (await host.ConnectAsync("ann")).JoinAsync("a");
    }

    [Fact]
    public async Task Without_presence_nobody_is_told_of_the_others()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("a"));
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("a");
        await (await host.ConnectAsync("bob")).JoinAsync("a");
        ann.Send("""{"type":"presence","room":"a"}"""u8);
        Assert.Equal("forbidden", Text(await ann.NextAsync("error"), "code"));
        Assert.DoesNotContain(ann.Received, m => m.Type == "user-joined");
    }

    [Theory]
    [InlineData("leave", LeaveCause.Left)]
    [InlineData("close", LeaveCause.Left)]
    [InlineData("lose", LeaveCause.Lost)]
    [InlineData("kick", LeaveCause.Kicked)]
    [InlineData("take out", LeaveCause.Kicked)]
    public async Task The_application_is_told_once_why_a_session_left(string how, LeaveCause expected)
    {
        var left = new TaskCompletionSource<LeaveCause>();
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
            hub.MapRoom("a")
                .WithPresence(presence => presence.Grace = TimeSpan.FromSeconds(40))
                .OnLeave((LeaveNotice leave) => left.SetResult(leave.Cause))
        );
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("a");
        switch (how)
        {
            case "leave":
                await ann.LeaveAsync("a");
                break;
            case "close":
                ann.Close();
                break;
            case "kick":
                await host.Hub.User("ann").KickAsync();
                break;
            case "take out":
                Assert.True(await host.Hub.Session(ann.ClientId).LeaveAsync("a"));
                break;
            default:
                ann.Cut();
                host.Time.Advance(TimeSpan.FromSeconds(39));
                Assert.False(left.Task.IsCompleted);
                host.Time.Advance(TimeSpan.FromSeconds(2));
                break;
        }

        Assert.Equal(expected, await left.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private static string? Text(ReceivedMessage message, string name) =>
        message.Json.TryGetProperty(name, out System.Text.Json.JsonElement value) ? value.GetString() : null;

    private sealed class Missing;

    private sealed class Scoped : IDisposable
    {
        public static int Disposed { get; private set; }

        public void Dispose() => Disposed++;
    }
}
