namespace Longwire.Playground.Tests;

/// <summary>The game: what the pages put together from differences is what the server has, and a seat is kept.</summary>
public sealed class GamePageTests(Playground playground)
{
    [Fact]
    public async Task Two_players_steer_and_have_the_same_world_as_the_server_at_every_snapshot()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ann = await PlayAsync(visitor, "Ann");
        IPage bob = await PlayAsync(visitor, "Bob");
        await ann.BringToFrontAsync();
        int before = await ann.EvaluateAsync<int>("play.own.x");
        string key = before < 32_768 ? "ArrowRight" : "ArrowLeft";
        await ann.Keyboard.DownAsync(key);
        await ann.UntilAsync($"Math.abs(play.server.x - {before}) > 1000");
        await ann.Keyboard.UpAsync(key);
        // Seats of tests before may be kept still.
        await ann.UntilAsync(
            "play.snapshots.compared > 60 && ['Ann', 'Bob'].every((name) => play.ranks.players.some((player) => player.name === name))"
        );
        await bob.BringToFrontAsync();
        await bob.UntilAsync("play.snapshots.compared > 60");
        foreach (IPage page in (IPage[])[ann, bob])
        {
            Assert.Equal(0, await page.EvaluateAsync<int>("play.snapshots.wrong"));
        }

        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_seat_is_kept_over_a_lost_connection_and_over_a_reload()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ann = await PlayAsync(visitor, "Ann");
        await ann.UntilAsync("play.ranks");
        int seat = await ann.EvaluateAsync<int>("play.ranks.you");
        await ann.EvaluateAsync("play.ranks = null, play.reconnect()");
        await ann.UntilAsync("play.ranks && play.snapshots.newest > 0");
        Assert.Equal(seat, await ann.EvaluateAsync<int>("play.ranks.you"));

        await ann.ReloadAsync();
        await ann.GetByTestId("play").ClickAsync();
        await ann.UntilAsync("globalThis.play?.ranks && play.snapshots.compared > 10");
        Assert.Equal(seat, await ann.EvaluateAsync<int>("play.ranks.you"));
        Assert.Equal(0, await ann.EvaluateAsync<int>("play.snapshots.wrong"));
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task On_a_slow_line_a_predicted_ship_moves_before_the_server_knows()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ann = await PlayAsync(visitor, "Ann");
        await ann.GetByTestId("latency").FillAsync("400");
        await ann.UntilAsync("play.roundTrip > 300");
        // Nothing can come while the page makes these steps: the ship is where it will be, and the one without prediction where it was.
        int[] moved = await ann.EvaluateAsync<int[]>(
            """
            () => {
              const from = play.own.x, known = play.server.x;
              play.keys = from < 32768 ? 2 : 1;
              const now = performance.now();
              let time = 0;
              // Another ship may have rammed this one, which then takes longer to turn.
              while (time < 1_900 && Math.abs(play.own.x - from) <= 200) play.advance(now + (time += 100));
              play.prediction = false;
              const shown = play.advance(now + time).ship.x;
              play.prediction = true;
              return [Math.abs(play.own.x - from), Math.abs(shown - known)];
            }
            """
        );
        Assert.True(moved[0] > 200, $"The ship has moved by {moved[0]}.");
        Assert.Equal(0, moved[1]);
        visitor.AssertNothingWentWrong();
    }

    private static async Task<IPage> PlayAsync(Visitor visitor, string name)
    {
        IPage page = await visitor.OpenAsync("/game");
        await page.GetByTestId("name").FillAsync(name);
        await page.GetByTestId("play").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
        await page.UntilAsync("globalThis.play?.own");
        return page;
    }
}
