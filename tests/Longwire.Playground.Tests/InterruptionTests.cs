namespace Longwire.Playground.Tests;

/// <summary>Every page in two tabs of a browser: while all is well, on a line that is dead for a while, and when its server was killed.</summary>
public abstract class InterruptionTests(Playground playground, BrowserKind browser)
{
    // Those of the second are never at rest, so that they would take the machine's time from the others.
    private static readonly Dictionary<string, Func<PageLife[]>> _groups = new()
    {
        ["calm"] = static () =>
            [new LandingLife(), new ChatLife(), new DashboardLife(), new NotificationsLife(), new EditorLife(), new TesterLife()],
        ["busy"] = static () => [new GameLife(), new CompareLife()],
        ["telling"] = static () => [new StreamLife()],
    };

    public static TheoryData<string> Groups => [.. _groups.Keys];

    [Fact]
    public void Every_page_is_among_them() =>
        Assert.Equal(
            PageVisits.All.Keys.Order(),
            _groups.Values.SelectMany(static group => group()).Select(static life => life.Path.Split('?')[0]).Order()
        );

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task A_page_works_in_two_tabs_says_that_the_line_or_the_server_is_gone_and_is_back_with_all_that_was(string group)
    {
        using var data = new TemporaryFolder();
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync("--data", data.Path);
        await using var line = new Line(server.Port);
        await using BrowserWindow window = await playground.OpenWindowAsync(browser, line.Address);
        PageLife[] lives = _groups[group]();
        await EachAsync(lives, "begins", life => life.BeginAsync(window));
        window.AssertNothingWentWrong();
        await EachAsync(lives, "goes on", static life => life.PrepareAsync(1));
        await window.SetOfflineAsync(true);
        line.Cut();
        await EachAsync(lives, "is offline", static life => life.LoseAsync(1));
        line.Mend();
        await window.SetOfflineAsync(false);
        await EachAsync(lives, "is online again", static life => life.ReturnAsync(1));
        server.AssertNothingWentWrong();

        await EachAsync(lives, "goes on", static life => life.PrepareAsync(2));
        await server.Process.KillAsync();
        // The line leads to the killed one until the pages have seen that it is gone.
        Task starting = server.StartAsync(0);
        await EachAsync(lives, "has lost the server", static life => life.LoseAsync(2));
        await starting;
        line.Target = server.Port;
        await EachAsync(lives, "has a server again", static life => life.ReturnAsync(2));
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
