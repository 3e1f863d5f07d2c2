using System.Collections.Concurrent;
using Longwire.Conformance;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Interop.Tests.Endings;

/// <summary>
/// Random ends on real sockets, on everything that carries a connection.
/// The fuzz target <c>ending</c> runs thousands more, without sockets and under a clock of its own.
/// </summary>
public sealed class RandomEndingTests
{
    // LONGWIRE_RUNS asks for more.
    private static readonly int _runs = int.TryParse(Environment.GetEnvironmentVariable("LONGWIRE_RUNS"), out int runs) ? runs : 60;

    public static TheoryData<string> Transports => [.. LongwireHost.Transports];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_must_have_arrived_has_arrived(string transport)
    {
        var seen = new ConcurrentDictionary<string, RandomEnding.Seen>();
        await using LongwireHost host = await LongwireHost.StartAsync(
            transport,
            application =>
                application.MapWebSocket(
                    "/",
                    (socket, _) => RandomEnding.ServeAsync(socket, seen),
                    static endpoint => endpoint.Connection = LongwireApplication.OptionsOf("answers")
                )
        );
        int first = int.TryParse(Environment.GetEnvironmentVariable("LONGWIRE_SEED"), out int seed) ? seed : Random.Shared.Next(1_000_000);
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForAsync(
            first,
            first + _runs,
            new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = TestContext.Current.CancellationToken },
            async (current, _) =>
            {
                await using Peer peer = await host.OpenAsync("/");
                if (await new RandomEnding(current).PlayAsync(peer, seen) is { } fault)
                {
                    wrong.Enqueue($"LONGWIRE_SEED={current}: {fault}");
                }
            }
        );
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
    }
}
