using System.Globalization;
using Longwire.Benchmarks.Support;

namespace Longwire.Game.Benchmarks;

/// <summary>One of the servers that are compared.</summary>
internal sealed class ServerProcess : MeasuredProcess
{
    private static readonly HttpClient _http = new();

    private ServerProcess(params string[] command)
        : base(command) { }

    public static ServerProcess StartLongwire() => new(LongwireCommand);

    /// <summary>npm's <c>ws</c>, which sends each player so many bytes 60 times a second, and has no world.</summary>
    public static ServerProcess StartPeer(int bytes) =>
        new("node", Path.Combine(PeerFolder, "snapshots.js"), "0", bytes.ToString(CultureInfo.InvariantCulture));

    public Task<string> GetAsync(string path) => _http.GetStringAsync($"http://{Authority}{path}");

    public async Task<TickFigures> TicksAsync() => TickFigures.Parse(await GetAsync("/ticks"));
}
