using System.Text.RegularExpressions;

namespace Longwire.Playground.Tests;

/// <summary>The dashboard: real figures for several viewers, those of before too, and a load that is seen.</summary>
public sealed partial class DashboardPageTests(Playground playground)
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private const string Token = "an administrator's token, 32 long";
    private const string ReadToken = "a token of one who reads, 32 long";

    [Fact]
    public async Task On_the_machine_nobody_is_asked_and_two_see_the_load_that_one_of_them_wants()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage first = await visitor.OpenAsync("/dashboard");
        await Assertions.Expect(first.GetByTestId("now-connections")).ToHaveTextAsync(AnyNumber());
        var received = new LineLog();
        IPage second = await visitor.Context.NewPageAsync();
        second.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => received.Add(frame.Text ?? "");
        await second.GotoAsync("/dashboard");
        // Those of before are there with the answer to the join.
        await received.WaitForAsync(JoinedWithFigures());
        await first.GetByTestId("load").ClickAsync();
        await Assertions.Expect(second.GetByTestId("load")).ToHaveTextAsync("Take the load off");
        await second.GetByTestId("load").ClickAsync();
        await Assertions.Expect(first.GetByTestId("load")).ToHaveTextAsync("Put it under load");
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Elsewhere_the_figures_are_for_an_administrator_s_token_and_the_load_button_is_for_the_full_one()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync([
            "--host",
            "*",
            "--jwt-key",
            Key,
            "--admin-token",
            Token,
            "--admin-read-token",
            ReadToken,
            "--verbose",
        ]);
        string address = $"http://{MachineAddress.Value}:{server.Port}";
        await using Visitor visitor = await playground.VisitAsync(options => options.BaseURL = address);
        var addresses = new LineLog();
        visitor.Context.Request += (_, request) => addresses.Add(request.Url);
        visitor.Context.Page += (_, page) => page.WebSocket += (_, socket) => addresses.Add(socket.Url);
        IPage reader = await visitor.OpenAsync("/dashboard");
        await Assertions.Expect(reader.GetByTestId("token")).ToBeFocusedAsync();
        Assert.Empty(await Accessibility.FaultsOfAsync(reader));
        await reader.Keyboard.PressAsync("Escape");
        await Assertions.Expect(reader.GetByTestId("token")).ToBeHiddenAsync();
        await reader.GetByTestId("give-token").ClickAsync();
        visitor.AssertNothingWentWrong();
        await GiveAsync(reader, Token[1..]);
        await Assertions.Expect(reader.GetByTestId("ask-problem")).ToHaveTextAsync("The server does not know this token.");
        await Assertions.Expect(reader.GetByTestId("now-connections")).ToHaveTextAsync("–");
        // One more is let in each second: others go on, so that the page's own is one too many on a slow machine, too.
        await reader.EvaluateAsync(
            """
            () => {
              const headers = { Authorization: 'Bearer no such token' };
              const ask = () => fetch('dashboard/ticket', { method: 'POST', headers }).then(() => globalThis.isEnough || ask());
              void ask();
            }
            """
        );
        await GiveUntilAsync(reader, Token[1..], "Too many wrong tokens came from your address");
        await reader.EvaluateAsync("() => { globalThis.isEnough = true; }");
        await GiveAsync(reader, ReadToken);
        await Assertions.Expect(reader.GetByTestId("now-connections")).ToHaveTextAsync("1");
        await Assertions.Expect(reader.GetByTestId("token")).ToBeHiddenAsync();
        await Assertions.Expect(reader.GetByTestId("load")).ToBeHiddenAsync();

        IPage administrator = await visitor.OpenAsync("/dashboard");
        await GiveAsync(administrator, Token);
        await Assertions.Expect(reader.GetByTestId("now-connections")).ToHaveTextAsync("2");
        await administrator.GetByTestId("load").ClickAsync();
        await Assertions.Expect(administrator.GetByTestId("load")).ToHaveTextAsync("Take the load off");
        await administrator.GetByTestId("load").ClickAsync();
        await Assertions.Expect(administrator.GetByTestId("load")).ToHaveTextAsync("Put it under load");

        // Kept by the page alone, and nowhere to be read.
        Assert.Equal(0, await administrator.EvaluateAsync<int>("localStorage.length + sessionStorage.length"));
        await administrator.ReloadAsync();
        await Assertions.Expect(administrator.GetByTestId("token")).ToHaveValueAsync("");
        await server.Process.Errors.WaitForAsync(Refused());
        IEnumerable<string> written = [.. addresses.Snapshot(), .. server.Process.Output.Snapshot(), .. server.Process.Errors.Snapshot()];
        Assert.All(written, static line => Assert.DoesNotContain("32 long", Uri.UnescapeDataString(line), StringComparison.Ordinal));
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_server_without_an_administrator_s_token_says_where_its_figures_are_shown()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.Context.NewPageAsync();
        await page.RouteAsync(
            "**/dashboard/ticket",
            static route =>
                route.FulfillAsync(
                    new()
                    {
                        Json = new
                        {
                            value = (string?)null,
                            mayLoad = false,
                            isTokenWanted = false,
                        },
                    }
                )
        );
        await page.GotoAsync("/dashboard");
        await Assertions.Expect(page.GetByTestId("problem")).ToContainTextAsync("on the machine itself");
        await Assertions.Expect(page.GetByTestId("load")).ToBeHiddenAsync();
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_page_that_nobody_looks_at_draws_nothing_and_has_all_of_it_when_somebody_does()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.Context.NewPageAsync();
        var received = new LineLog();
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => received.Add(frame.Text ?? "");
        await page.GotoAsync("/dashboard");
        await Assertions.Expect(page.GetByTestId("now-connections")).ToHaveTextAsync(AnyNumber());
        await page.EvaluateAsync(
            """
            () => {
              Object.defineProperty(document, 'hidden', { value: true, configurable: true });
              document.getElementById('now-connections').textContent = '–';
              globalThis.lines = 0;
              const stroke = CanvasRenderingContext2D.prototype.stroke;
              CanvasRenderingContext2D.prototype.stroke = function (...path) { lines += 1; stroke.apply(this, path); };
            }
            """
        );
        int before = received.Count;
        for (int seconds = 0; seconds < 2; seconds++)
        {
            await received.WaitForAsync(Figures(), skip: before);
            before = received.Count;
        }

        await Assertions.Expect(page.GetByTestId("now-connections")).ToHaveTextAsync("–");
        Assert.Equal(0, await page.EvaluateAsync<int>("lines"));
        await page.EvaluateAsync("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
        await Assertions.Expect(page.GetByTestId("now-connections")).ToHaveTextAsync(AnyNumber());
        await page.UntilAsync("lines > 0");
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_day_of_seconds_takes_no_more_room_than_an_hour()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/dashboard");
        int[] lengths = await page.EvaluateAsync<int[]>(
            """
            async () => {
              const { Hour } = await import('/dashboard/series.js');
              const hour = new Hour();
              for (let second = 0; second < 86_400; second++) hour.add(second, { a: second, b: -second });
              hour.add(86_000, { a: 0, b: 0 });
              const [times, a] = hour.last(300, ['a']);
              return [hour.length, times.length, times.at(-1), a[0]];
            }
            """
        );
        Assert.Equal([3_600, 300, 86_399, 86_100], lengths);
        visitor.AssertNothingWentWrong();
    }

    private static async Task GiveUntilAsync(IPage page, string token, string problem)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while (
            await page.GetByTestId("ask-problem").TextContentAsync() is not { } told || !told.Contains(problem, StringComparison.Ordinal)
        )
        {
            await GiveAsync(page, token);
            await Task.Delay(30, patience.Token);
        }
    }

    private static async Task GiveAsync(IPage page, string token)
    {
        await page.GetByTestId("token").FillAsync(token);
        await page.GetByTestId("ask-show").ClickAsync();
    }

    [GeneratedRegex("^warn: .*TokenRefused by nobody from ")]
    private static partial Regex Refused();

    [GeneratedRegex("\"type\":\"figures\"")]
    private static partial Regex Figures();

    [GeneratedRegex("^[1-9]")]
    private static partial Regex AnyNumber();

    [GeneratedRegex("\"joined-room\".*\"messages\":\\[\\{.*\"figures\"")]
    private static partial Regex JoinedWithFigures();
}
