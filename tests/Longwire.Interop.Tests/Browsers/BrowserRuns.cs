using System.Collections.Concurrent;

namespace Longwire.Interop.Tests;

/// <summary>The runs of the checks, one for each browser and scheme, started by the first test that asks for it.</summary>
public sealed class BrowserRuns
{
    private readonly ConcurrentDictionary<(string Browser, string Scheme), Lazy<Task<BrowserRun>>> _runs = new();

    internal Task<BrowserRun> GetAsync(string browser, string scheme) =>
        _runs
            .GetOrAdd((browser, scheme), static run => new Lazy<Task<BrowserRun>>(() => BrowserRun.StartAsync(run.Browser, run.Scheme)))
            .Value;
}
