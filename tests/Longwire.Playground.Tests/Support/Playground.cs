using Longwire.Playground.Tests;

[assembly: AssemblyFixture(typeof(Playground))]
// Much of each test is waiting.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace Longwire.Playground.Tests;

/// <summary>One server, one Chromium and one Firefox for all tests. A test that ends a server has one of its own.</summary>
public sealed class Playground : IAsyncLifetime
{
    // Twenty a second, as the Firefox draws: each takes its time from the tests beside, and from what comes meanwhile.
    private const string FewPictures = """
        globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 50);
        globalThis.cancelAnimationFrame = (id) => clearTimeout(id);
        """;

    private readonly TemporaryFolder _data = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private LongwireServer? _server;
    private readonly Lazy<Task<Firefox>> _firefox = new(Firefox.OpenAsync);

    public LongwireServer Server => _server!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // For those that are started from here, which live for seconds: to count what is called, so as to compile it better, does not pay.
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        if (!File.Exists(Accessibility.Axe))
        {
            using var bundles = new TemporaryFolder();
            await ChildProcess.RunAsync(Places.Repository("vendor"), bundles.Path);
        }

        Assertions.SetDefaultExpectTimeout((float)Patience.Short.TotalMilliseconds);
        _server = await LongwireServer.StartOnFreePortAsync("--data", _data.Path);
        _playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Places.Chromium,
                Timeout = (float)Patience.Long.TotalMilliseconds,
                Args = [.. BrowserSwitches.Chromium, "--autoplay-policy=no-user-gesture-required"],
            }
        );
    }

    /// <summary>Opens a window of its own: no storage, no cookies of others.</summary>
    public async Task<Visitor> VisitAsync(Action<BrowserNewContextOptions>? configure = null)
    {
        var options = new BrowserNewContextOptions
        {
            BaseURL = Server.Http,
            ViewportSize = new() { Width = 1280, Height = 800 },
            // Pictures that move take much of the machine from the tests beside.
            ReducedMotion = ReducedMotion.Reduce,
        };
        configure?.Invoke(options);
        IBrowserContext context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout((float)Patience.Short.TotalMilliseconds);
        await context.AddInitScriptAsync(FewPictures);
        return new Visitor(context);
    }

    /// <summary>Opens the same in whichever browser.</summary>
    internal async Task<BrowserWindow> OpenWindowAsync(BrowserKind browser, Uri? server = null)
    {
        server ??= new Uri(Server.Http);
        return browser == BrowserKind.Chromium
            ? new ChromiumWindow(
                await VisitAsync(options =>
                {
                    options.BaseURL = server.ToString();
                    options.ViewportSize = new() { Width = BrowserWindow.Width, Height = BrowserWindow.Height };
                })
            )
            : await FirefoxWindow.OpenAsync(await _firefox.Value, server);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_firefox.IsValueCreated)
        {
            await (await _firefox.Value).DisposeAsync();
        }

        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _data.Dispose();
    }
}
