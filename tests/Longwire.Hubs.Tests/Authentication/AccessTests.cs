using System.Net;
using System.Security.Claims;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>The application bans and revokes.</summary>
public sealed class AccessTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    // The engine's word of a block may close it on another thread while the call that made the block returns.
    private static Task ClosedAsync(HubTestClient client, CloseStatus status) => Eventually.TrueAsync(() => client.ClosedWith == status);

    [Fact]
    public async Task A_banned_user_is_told_for_how_long_is_out_on_all_its_connections_and_others_notice_nothing()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann"),
            ann2 = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await host.Hub.User("ann").BanAsync(_hour);
        foreach (HubTestClient client in (HubTestClient[])[ann, ann2])
        {
            await ClosedAsync(client, HubCloseStatus.Kicked);
            ReceivedMessage error = client.Received[^1];
            Assert.Equal(("error", "banned", "Banned"), (error.Type, error.Json.Text("code"), error.Json.Text("message")));
            Assert.Equal(3_600_000, error.Json.Number("retryAfterMs"));
        }

        await bob.FlushAsync();
        Assert.Null(bob.ClosedWith);
    }

    [Fact]
    public async Task It_gets_no_connection_until_the_ban_ends_and_its_session_is_over()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        ann.Cut();
        await host.Hub.User("ann").BanAsync(_hour);
        await RefusedAsync(ann.ReturnAsync());
        Assert.Equal("banned", ann.Received[^1].Json.Text("code"));
        host.Time.Advance(_hour - TimeSpan.FromSeconds(1));
        await RefusedAsync(ann.ReturnAsync());
        Assert.Equal(1_000, ann.Received[^1].Json.Number("retryAfterMs"));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.ReturnAsync();
        Assert.False(ann.Resumed);
    }

    [Fact]
    public async Task A_ban_is_lifted_by_one_of_no_time_and_one_for_good_does_not_end()
    {
        await using HubTestHost host = await StartAsync();
        IHubUser ann = host.Hub.User("ann");
        await ann.BanAsync(TimeSpan.MaxValue);
        host.Time.Advance(_hour);
        await RefusedAsync(host.ConnectAsync("ann"));
        await ann.BanAsync(TimeSpan.Zero);
        await host.ConnectAsync("ann");
        Assert.Throws<ArgumentOutOfRangeException>(() => ann.BanAsync(TimeSpan.FromTicks(-1)).AsTask().GetAwaiter().GetResult());
    }

    [Fact]
    public async Task All_connections_of_a_banned_address_end_whoever_has_signed_in_and_it_gets_no_other()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient guest = await ConnectAsync(host, "2001:db8::1"),
            ann = await ConnectAsync(host, "2001:db8::2", "ann"),
            other = await ConnectAsync(host, "2001:db8:0:1::1"),
            bob = await ConnectAsync(host, "::ffff:10.0.0.1", "bob");
        await host.Hub.BanAddressAsync(IPAddress.Parse("2001:db8::9"), _hour);
        await ClosedAsync(guest, HubCloseStatus.Kicked);
        await ClosedAsync(ann, HubCloseStatus.Kicked);
        await RefusedAsync(ConnectAsync(host, "2001:db8::3"));
        await RefusedAsync(ConnectAsync(host, "2001:db8::3", "cal"));
        await other.FlushAsync();
        await host.Hub.BanAddressAsync(IPAddress.Parse("10.0.0.1"), _hour);
        await ClosedAsync(bob, HubCloseStatus.Kicked);
        await RefusedAsync(ConnectAsync(host, "10.0.0.1"));
        await host.Hub.BanAddressAsync(IPAddress.Parse("10.0.0.1"), TimeSpan.Zero);
        await ConnectAsync(host, "10.0.0.1");
    }

    [Fact]
    public async Task All_connections_of_a_banned_network_end_and_it_gets_no_other_until_the_ban_is_lifted()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await ConnectAsync(host, "10.1.255.7", "ann"),
            bob = await ConnectAsync(host, "::ffff:10.0.0.1", "bob"),
            cat = await ConnectAsync(host, "10.2.0.1", "cat"),
            guest = await ConnectAsync(host, "2001:db8:7::1"),
            other = await ConnectAsync(host, "2001:db9::1");
        foreach (string network in (string[])["10.0.0.0/15", "2001:db8::/32", "192.0.2.0/29"])
        {
            await host.Hub.BanNetworkAsync(IPNetwork.Parse(network), _hour);
        }

        foreach (HubTestClient client in (HubTestClient[])[ann, bob, guest])
        {
            await ClosedAsync(client, HubCloseStatus.Kicked);
        }

        await cat.FlushAsync();
        await other.FlushAsync();
        foreach (string address in (string[])["10.0.0.0", "10.1.255.255", "::ffff:10.0.0.9", "2001:db8:ffff:ffff::1", "192.0.2.7"])
        {
            await RefusedAsync(ConnectAsync(host, address));
        }

        foreach (string address in (string[])["10.2.0.0", "9.255.255.255", "2001:db7:ffff::1", "192.0.2.8"])
        {
            await ConnectAsync(host, address);
        }

        // A single address is not let out of it.
        await host.Hub.BanAddressAsync(IPAddress.Parse("10.0.0.9"), TimeSpan.Zero);
        await RefusedAsync(ConnectAsync(host, "10.0.0.9"));
        await host.Hub.BanNetworkAsync(IPNetwork.Parse("10.0.0.0/15"), TimeSpan.Zero);
        await ConnectAsync(host, "10.0.0.9");
    }

    [Theory]
    [InlineData("10.0.0.1/32", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("2001:db8::1/128", "2001:db8::")]
    [InlineData("2001:db8::/64", "2001:db8::")]
    [InlineData("2001:db8::/63", "2001:db8::/63")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    public void A_network_of_one_client_is_its_address(string network, string name) =>
        Assert.Equal(name, AddressNames.Of(IPNetwork.Parse(network)));

    [Fact]
    public async Task Whoever_speaks_when_banned_is_not_heard()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await ann.JoinAsync("tea");
        await bob.JoinAsync("tea");
        ann.Send("""{"type":"message","room":"tea","content":"before"}"""u8);
        await host.Hub.User("ann").BanAsync(_hour);
        await ClosedAsync(ann, HubCloseStatus.Kicked);
        Assert.Throws<WebSocketClosedException>(() => ann.Send("""{"type":"message","room":"tea","content":"after"}"""u8));
        Assert.Equal("before", (await bob.NextAsync("message")).Json.Text("message"));
        Assert.Equal("ann", (await bob.NextAsync("user-left")).Json.Text("userId"));
        await bob.FlushAsync();
        Assert.Single(bob.Received, static message => message.Type == "message");
    }

    [Fact]
    public async Task A_user_who_was_revoked_comes_in_with_what_was_issued_later_and_with_nothing_else()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await ConnectAsync(host, Issued(host.Time.GetUtcNow()));
        await host.Hub.User("ann").RevokeAsync();
        await ClosedAsync(ann, HubCloseStatus.TokenExpired);
        DateTimeOffset then = host.Time.GetUtcNow();
        host.Time.Advance(_hour);
        await RefusedAsync(ConnectAsync(host, Issued(then)), CloseStatus.PolicyViolation);
        await RefusedAsync(ConnectAsync(host, new HubIdentity("ann")), CloseStatus.PolicyViolation);
        HubTestClient newer = await ConnectAsync(host, Issued(then.AddSeconds(1)));
        await ConnectAsync(host, new HubIdentity("bob"));
        // It is not closed by what does not concern it.
        await host.Hub.RevokeTokenAsync("another");
        await newer.FlushAsync();
        host.Time.Advance(_hour);
        await ConnectAsync(host, new HubIdentity("ann"));
    }

    [Fact]
    public async Task A_revoked_session_is_over_and_so_is_its_token()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", new Claim("jti", "t1")),
            same = await host.ConnectAsync("ann", new Claim("jti", "t1")),
            other = await host.ConnectAsync("ann", new Claim("jti", "t2"));
        await host.Hub.Session(ann.ClientId).RevokeAsync();
        await ClosedAsync(ann, HubCloseStatus.TokenExpired);
        await ClosedAsync(same, HubCloseStatus.TokenExpired);
        await RefusedAsync(ann.ReturnAsync(), CloseStatus.PolicyViolation);
        await other.FlushAsync();
        HubTestClient bob = await host.ConnectAsync("bob");
        await host.Hub.Session(bob.ClientId).RevokeAsync();
        await ClosedAsync(bob, HubCloseStatus.TokenExpired);
        await bob.ReturnAsync();
        Assert.False(bob.Resumed);
    }

    [Fact]
    public async Task Bans_and_revocations_hold_on_all_nodes_and_on_those_that_come_later()
    {
        var store = new MemoryHubStore(new HubTestClock());
        await using HubTestHost one = await StartAsync(store),
            two = await StartAsync(store);
        HubTestClient ann = await two.ConnectAsync("ann"),
            token = await two.ConnectAsync("bob", new Claim("jti", "t1")),
            session = await two.ConnectAsync("cal", new Claim("jti", "t2")),
            kicked = await two.ConnectAsync("dan");
        await one.Hub.User("ann").BanAsync(_hour);
        await one.Hub.RevokeTokenAsync("t1", one.Time.GetUtcNow() + _hour);
        await one.Hub.Session(session.ClientId).RevokeAsync();
        await one.Hub.Session(kicked.ClientId).KickAsync();
        await Eventually.TrueAsync(() => ann.ClosedWith == HubCloseStatus.Kicked && kicked.ClosedWith == HubCloseStatus.Kicked);
        await Eventually.TrueAsync(() => token.ClosedWith == HubCloseStatus.TokenExpired && session.ClosedWith is not null);
        await using HubTestHost late = await StartAsync(store);
        foreach (HubTestHost host in (HubTestHost[])[one, two, late])
        {
            await RefusedAsync(host.ConnectAsync("ann"));
            await RefusedAsync(host.ConnectAsync("bob", new Claim("jti", "t1")), CloseStatus.PolicyViolation);
            await Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub>().Sessions.Access.IsRevoked(IdentityOf("cal", "t2")));
        }
    }

    [Fact]
    public async Task A_node_that_was_cut_off_goes_by_what_it_knew_and_learns_of_the_rest_when_it_is_back()
    {
        var store = new MemoryHubStore(new HubTestClock());
        var cut = new MemoryHubEngine(store);
        await using HubTestHost one = await StartAsync(store),
            two = await StartAsync(store, cut);
        await one.Hub.User("known").BanAsync(_hour);
        await one.Hub.User("lifted").BanAsync(_hour);
        HubTestClient ann = await two.ConnectAsync("ann");
        cut.Cut();
        await one.Hub.User("ann").BanAsync(_hour);
        await one.Hub.User("lifted").BanAsync(TimeSpan.Zero);
        await RefusedAsync(two.ConnectAsync("known"));
        await RefusedAsync(two.ConnectAsync("lifted"));
        await ann.FlushAsync();
        await Assert.ThrowsAsync<HubUnavailableException>(() => two.Hub.User("bob").BanAsync(_hour).AsTask());
        cut.Heal();
        await Eventually.TrueAsync(() => ann.ClosedWith == HubCloseStatus.Kicked);
        await RefusedAsync(two.ConnectAsync("known"));
        await two.ConnectAsync("lifted");
    }

    [Fact]
    public async Task What_a_node_could_not_learn_when_it_was_back_it_learns_a_second_later()
    {
        var store = new MemoryHubStore(new HubTestClock());
        var link = new MemoryHubEngine(store);
        var engine = new PausingEngine(link) { FailingCall = EngineCall.ReadBlocks };
        await using HubTestHost one = await StartAsync(store),
            two = await StartAsync(store, engine);
        HubTestClient ann = await two.ConnectAsync("ann");
        link.Cut();
        await one.Hub.User("ann").BanAsync(_hour);
        engine.Failure = new HubUnavailableException("away");
        link.Heal();
        await Eventually.TrueAsync(() => engine.Failures > 0);
        engine.Failure = null;
        two.Time.Advance(TimeSpan.FromSeconds(1));
        await ClosedAsync(ann, HubCloseStatus.Kicked);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_again_while_it_learns_what_it_missed_learns_of_the_rest_too()
    {
        var store = new MemoryHubStore(new HubTestClock());
        var link = new MemoryHubEngine(store);
        var engine = new PausingEngine(link);
        await using HubTestHost one = await StartAsync(store),
            two = await StartAsync(store, engine);
        HubTestClient ann = await two.ConnectAsync("ann");
        TaskCompletionSource gate = engine.BlocksGate = new TaskCompletionSource();
        link.Cut();
        link.Heal();
        await engine.BlocksRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        link.Cut();
        await one.Hub.User("ann").BanAsync(_hour);
        link.Heal();
        gate.SetResult();
        await ClosedAsync(ann, HubCloseStatus.Kicked);
    }

    [Fact]
    public async Task A_user_who_is_banned_while_it_signs_in_is_out_all_the_same()
    {
        var gate = new TaskCompletionSource<HubIdentity?>();
        await using HubTestHost host = await HubTestHost.StartAsync(services: services =>
            services.AddSingleton<ITokenValidator>(new Gated(gate.Task))
        );
        HubTestClient byMessage = await host.ConnectAsync();
        Task signingIn = byMessage.AuthenticateAsync("token");
        Task connecting = host.ConnectAsync(new HubHandshake { Token = "token" });
        await host.Hub.User("ann").BanAsync(_hour);
        gate.SetResult(new HubIdentity("ann"));
        await RefusedAsync(signingIn);
        await RefusedAsync(connecting);
        Assert.Equal("banned", byMessage.Received[^1].Json.Text("code"));
    }

    [Fact]
    public async Task What_was_acked_when_the_user_was_revoked_is_published_once_and_the_rest_when_it_comes_again()
    {
        await using HubTestHost host = await StartAsync();
        const int messages = 400;
        HubTestClient bob = await host.ConnectAsync("bob"),
            ann = await host.ConnectAsync(Handshake(0));
        await bob.JoinAsync("tea");
        await ann.JoinAsync("tea");
        Task revoking = Task.Run(async () =>
        {
            await Eventually.TrueAsync(() => bob.Received.Count > messages / 4);
            await host.Hub.User("ann").RevokeAsync();
        });
        for (int number = 0; number < messages && ann.ClosedWith is null; number++)
        {
            TrySay(ann, number);
            await Task.Yield();
        }

        await revoking;
        HashSet<string> acked = [.. ann.Received.Where(static message => message.Type == "ack").Select(static ack => ack.Json.Text("id"))];
        HubTestClient again = await host.ConnectAsync(Handshake(1));
        await again.JoinAsync("tea");
        for (int number = 0; number < messages; number++)
        {
            TrySay(again, number);
        }

        await again.FlushAsync();
        await bob.FlushAsync();
        foreach (ReceivedMessage ack in again.Received.Where(ack => ack.Type == "ack" && acked.Contains(ack.Json.Text("id"))))
        {
            Assert.True(ack.Json.GetProperty("repeated").GetBoolean());
        }

        int[] heard =
        [
            .. bob
                .Received.Where(static message => message.Type == "message")
                .Select(static said => said.Json.Number("message"))
                .Select(static number => (int)number),
        ];
        Assert.Equal(Enumerable.Range(0, messages), heard.Order());

        HubHandshake Handshake(int seconds) => new() { Identity = Issued(host.Time.GetUtcNow().AddSeconds(seconds)), Producer = "p" };

        static void TrySay(HubTestClient client, int number)
        {
            try
            {
                client.Send(
                    System.Text.Encoding.UTF8.GetBytes($$"""{"type":"message","room":"tea","content":{{number}},"id":"{{number}}"}""")
                );
            }
            catch (WebSocketClosedException)
            {
                // The revocation was faster; it is said again.
            }
        }
    }

    private static Task<HubTestHost> StartAsync(MemoryHubStore? store = null, IHubEngine? engine = null) =>
        HubTestHost.StartAsync(
            services: services =>
            {
                if (store is not null)
                {
                    services.AddSingleton<IHubEngine>(engine ?? new MemoryHubEngine(store));
                }
            },
            options: static options =>
                (options.AllowGuests, options.Rooms.Default, options.RevocationAge, options.RateLimit) = (
                    true,
                    new RoomOptions(),
                    _hour * 2,
                    null
                )
        );

    private sealed class Gated(Task<HubIdentity?> answer) : ITokenValidator
    {
        public ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken) => new(answer);
    }

    private static HubIdentity Issued(DateTimeOffset at) => new("ann") { IssuedAt = at };

    private static HubIdentity IdentityOf(string userId, string tokenId) => new(userId) { Claims = [new Claim("jti", tokenId)] };

    private static Task<HubTestClient> ConnectAsync(HubTestHost host, HubIdentity identity) =>
        host.ConnectAsync(new HubHandshake { Identity = identity });

    private static Task<HubTestClient> ConnectAsync(HubTestHost host, string address, string? userId = null) =>
        host.ConnectAsync(
            new HubHandshake { Identity = userId is null ? null : new HubIdentity(userId), RemoteAddress = IPAddress.Parse(address) }
        );

    private static async Task RefusedAsync(Task connecting, CloseStatus status = HubCloseStatus.Kicked) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting)).Status);
}
