namespace Longwire.Playground.Tests;

/// <summary>Every page in two tabs of a browser: while all is well, on a line that is dead for a while, and when its server was killed.</summary>
public abstract class InterruptionTests(Playground playground, BrowserKind browser)
{
    [Fact]
    public async Task Every_page_works_in_two_tabs_says_that_the_line_or_the_server_is_gone_and_is_back_with_all_that_was()
    {
        using var data = new TemporaryFolder();
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync("--data", data.Path);
        await using var line = new Line(server.Port);
        await using BrowserWindow window = await playground.OpenWindowAsync(browser, line.Address);
        PageLife[] calm =
        [
            new LandingLife(),
            new ChatLife(),
            new DashboardLife(),
            new NotificationsLife(),
            new EditorLife(),
            new TesterLife(),
        ];
        // Never at rest, so that they take the machine's time from the others: they come last, and leave first.
        PageLife[] busy = [new GameLife(), new CompareLife()];
        // Asked last, so that the line and the server are gone in the middle of the answer.
        PageLife[] telling = [new StreamLife()];
        PageLife[] all = [.. calm, .. busy, .. telling];
        Assert.Equal(PageVisits.All.Keys.Order(), all.Select(static life => life.Path.Split('?')[0]).Order());
        foreach (PageLife[] lives in (PageLife[][])[calm, busy, telling])
        {
            await EachAsync(lives, "begins", life => life.BeginAsync(window));
        }

        window.AssertNothingWentWrong();
        await EachAsync(telling, "goes on", static life => life.PrepareAsync(1));
        await window.SetOfflineAsync(true);
        line.Cut();
        await EachAsync(all, "is offline", static life => life.LoseAsync(1));
        line.Mend();
        await window.SetOfflineAsync(false);
        await EachAsync(all, "is online again", static life => life.ReturnAsync(1));
        server.AssertNothingWentWrong();

        await EachAsync(busy, "goes on", static life => life.PrepareAsync(2));
        await EachAsync(telling, "goes on", static life => life.PrepareAsync(2));
        await server.Process.KillAsync();
        // The line leads to the killed one until the pages have seen that it is gone.
        Task starting = server.StartAsync(0);
        await EachAsync(all, "has lost the server", static life => life.LoseAsync(2));
        await starting;
        line.Target = server.Port;
        await EachAsync(all, "has a server again", static life => life.ReturnAsync(2));
        server.AssertNothingWentWrong();
    }

    private static Task EachAsync(PageLife[] lives, string when, Func<PageLife, Task> live) =>
        Task.WhenAll(
            lives.Select(async life =>
            {
                try
                {
                    await live(life);
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException($"{life.Path} {when}, and then: {exception.Message}", exception);
                }
            })
        );

    public sealed class InChromium(Playground playground) : InterruptionTests(playground, BrowserKind.Chromium);

    public sealed class InFirefox(Playground playground) : InterruptionTests(playground, BrowserKind.Firefox);
}
