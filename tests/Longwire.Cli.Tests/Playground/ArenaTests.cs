using Longwire.Cli.Playground;
using Longwire.Cli.Playground.Game;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Cli.Tests;

public sealed class ArenaTests
{
    private const string Room = "game:1";
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(1.0 / World.StepsPerSecond);

    [Fact]
    public async Task A_seat_is_kept_for_half_a_minute_and_is_free_again_when_nobody_has_come_back_to_it()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            static hub => Arena.Map<Arena>(hub),
            static services => services.AddLongwireHub().AddJsonContext(PlaygroundJson.Default)
        );
        HubTestClient ann = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await ann.JoinAsync(Room);
        await bob.JoinAsync(Room);
        int seat = await SeatOfAsync(host, ann);
        ann.Cut();
        host.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Contains("ann", await PlayersAsync(host, bob));
        await ann.ReturnAsync();
        await ann.JoinAsync(Room);
        Assert.Equal(seat, await SeatOfAsync(host, ann));

        ann.Cut();
        host.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(["bob"], await PlayersAsync(host, bob));
    }

    private static async Task<int> SeatOfAsync(HubTestHost host, HubTestClient player) =>
        (await RanksAsync(host, player)).GetProperty("you").GetInt32();

    private static async Task<IEnumerable<string>> PlayersAsync(HubTestHost host, HubTestClient player) =>
        (await RanksAsync(host, player))
            .GetProperty("players")
            .EnumerateArray()
            .Select(static rank => rank.GetProperty("name").GetString()!);

    // Those that come from now on. A turn that comes while the room still works is left out, so that a second may have fewer than sixty.
    private static async Task<System.Text.Json.JsonElement> RanksAsync(HubTestHost host, HubTestClient player)
    {
        await player.FlushAsync();
        int before = player.Received.Count;
        while (!player.Received.Skip(before).Any(static message => message.Type == "ranks"))
        {
            host.Time.Advance(_turn);
            await player.FlushAsync();
        }

        return player.Received.Last(static message => message.Type == "ranks").Json;
    }
}
