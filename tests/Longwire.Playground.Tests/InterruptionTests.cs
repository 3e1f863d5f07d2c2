namespace Longwire.Playground.Tests;

/// <summary>Every page in two tabs of each browser: while all is well, on a line that is dead for a while, and when its server was killed.</summary>
public sealed class InterruptionTests(Playground playground)
{
    [Theory]
    [InlineData(BrowserKind.Chromium)]
    [InlineData(BrowserKind.Firefox)]
    public async Task Every_page_works_in_two_tabs_says_that_the_line_or_the_server_is_gone_and_is_back_with_all_that_was(
        BrowserKind browser
    )
    {
        using var data = new TemporaryFolder();
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync("--data", data.Path);
        await using var line = new Line(server.Port);
        await using BrowserWindow window = await playground.OpenWindowAsync(browser, line.Address);
        // Those that are never at rest are first, so that they leave again while the others go on; the answer that is told is asked for last.
        PageLife[] lives =
        [
            new GameLife(),
            new CompareLife(),
            new LandingLife(),
            new ChatLife(),
            new DashboardLife(),
            new NotificationsLife(),
            new EditorLife(),
            new TesterLife(),
            new StreamLife(),
        ];
        Assert.Equal(PageVisits.All.Keys.Order(), lives.Select(static life => life.Path.Split('?')[0]).Order());
        await EachAsync("begins", life => life.BeginAsync(window));
        window.AssertNothingWentWrong();

        await EachAsync("goes on", static life => life.PrepareAsync(1));
        await window.SetOfflineAsync(true);
        line.Cut();
        await EachAsync("is offline", static life => life.LoseAsync(1));
        line.Mend();
        await window.SetOfflineAsync(false);
        await EachAsync("is online again", static life => life.ReturnAsync(1));
        server.AssertNothingWentWrong();

        await EachAsync("goes on", static life => life.PrepareAsync(2));
        await server.Process.KillAsync();
        await EachAsync("has lost the server", static life => life.LoseAsync(2));
        await server.StartAsync(0);
        line.Target = server.Port;
        await EachAsync("has a server again", static life => life.ReturnAsync(2));
        server.AssertNothingWentWrong();

        async Task EachAsync(string when, Func<PageLife, Task> live)
        {
            foreach (PageLife life in lives)
            {
                try
                {
                    await live(life);
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException($"{life.Path} {when}, and then: {exception.Message}", exception);
                }
            }
        }
    }
}
