using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>One of the samples, in a process of its own.</summary>
internal sealed partial class SampleServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SampleServer(ChildProcess process, string http)
    {
        _process = process;
        Http = http;
    }

    /// <summary>Its address, as in "http://127.0.0.1:8080".</summary>
    public string Http { get; }

    /// <summary>The address of its hub.</summary>
    public string Socket => $"ws{Http["http".Length..]}/";

    public static async Task<SampleServer> StartAsync(string name)
    {
        var process = ChildProcess.Start("dotnet", Places.Sample(name), "--urls", "http://127.0.0.1:0");
        Match address = await process.Output.WaitForAsync(AddressLine(), patience: Patience.Long);
        return new SampleServer(process, address.Groups["http"].Value);
    }

    /// <summary>Asserts that it has logged nothing at error level or above.</summary>
    public void AssertNothingWentWrong() =>
        Assert.DoesNotContain(_process.Output.Snapshot(), line => line.StartsWith("fail:") || line.StartsWith("crit:"));

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"Now listening on: (?<http>http://\S+)")]
    private static partial Regex AddressLine();
}
