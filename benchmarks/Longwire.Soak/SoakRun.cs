using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Longwire.Soak;

/// <summary>One run: a server, actors that visit it one after the other, and the verdict.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    private const int MostFailures = 20;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentDictionary<string, int> _counts = [];
    private long _visits;

    public async Task<bool> RunAsync()
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Transport}, {options.Time.TotalMinutes:0.##} minutes, {options.Actors} actors, seed {options.Seed}"
            )
        );
        await using ServerProcess server = await ServerProcess.StartAsync(options.Transport);
        using var target = new SoakTarget(server.EndPoint);

        // Descriptors opened once and kept (by the runtime, by the pools of connections) are not to count as a leak.
        await VisitForAsync(target, _warmUp, firstActor: options.Actors, null);
        target.ForgetConnections();
        ServerState start = await server.UntilQuietAsync(int.MaxValue);
        Tell("start", start);

        var memory = new MemoryTrend();
        await VisitForAsync(
            target,
            options.Time,
            firstActor: 0,
            async (elapsed, minute) =>
            {
                ServerState state = await server.StateAsync();
                memory.Add(state.ResidentBytes);
                if (minute)
                {
                    Tell($"{elapsed.TotalMinutes:0} min", state);
                }
            }
        );
        target.ForgetConnections();
        ServerState end = await server.UntilQuietAsync(start.Descriptors);
        Tell("end", end);
        output.WriteLine(
            "Visits: " + string.Join(", ", _counts.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Value} {pair.Key}"))
        );
        Judge(start, end, memory);

        foreach (string failure in _failures)
        {
            output.WriteLine("FAILED " + failure);
        }

        output.WriteLine(_failures.IsEmpty ? "Everything held." : $"{_failures.Count} failures, seed {options.Seed}.");
        return _failures.IsEmpty;
    }

    private void Judge(ServerState start, ServerState end, MemoryTrend memory)
    {
        if (end.Connections != 0 || end.Sockets != 0)
        {
            _failures.Enqueue($"connections were left: {end.Connections} WebSockets, {end.Sockets} sockets");
        }

        if (end.Descriptors > start.Descriptors)
        {
            _failures.Enqueue($"descriptors leaked: {Kinds(start)} at the start, {Kinds(end)} at the end");
        }

        if (end.Errors != 0)
        {
            _failures.Enqueue($"the server logged {end.Errors} errors");
        }

        output.WriteLine(
            $"Resident memory: {Mebibytes(memory.SecondQuarter)} in the second quarter, {Mebibytes(memory.LastQuarter)} in the last"
        );
        if (!memory.IsFlat)
        {
            _failures.Enqueue("memory grew");
        }
    }

    private async Task VisitForAsync(SoakTarget target, TimeSpan time, int firstActor, Func<TimeSpan, bool, Task>? everySecond)
    {
        using var end = new CancellationTokenSource(time);
        Task[] actors =
        [
            .. Enumerable.Range(firstActor, options.Actors).Select(actor => Task.Run(() => ActAsync(target, actor, end.Token))),
        ];
        var clock = Stopwatch.StartNew();
        TimeSpan lastMinute = TimeSpan.Zero;
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (everySecond is not null && clock.Elapsed < time && _failures.Count < MostFailures)
        {
            await second.WaitForNextTickAsync();
            bool minute = (int)clock.Elapsed.TotalMinutes > (int)lastMinute.TotalMinutes;
            lastMinute = clock.Elapsed;
            await everySecond(clock.Elapsed, minute);
        }

        await Task.WhenAll(actors);
    }

    private async Task ActAsync(SoakTarget target, int actor, CancellationToken end)
    {
        var random = new Random(HashCode(options.Seed, actor));
        for (int number = 0; !end.IsCancellationRequested && _failures.Count < MostFailures; number++)
        {
            Visit visit = Visit.Choose(random);
            int seed = random.Next();
            try
            {
                await visit.RunAsync(target, new Random(seed)).WaitAsync(_patience);
            }
            catch (Exception exception)
            {
                _failures.Enqueue($"actor {actor}, visit {number} ({visit.Name}, seed {seed}): {exception}");
            }

            Interlocked.Increment(ref _visits);
            _counts.AddOrUpdate(visit.Name, 1, static (_, count) => count + 1);
        }
    }

    // The framework's own is another in every process.
    private static int HashCode(int seed, int actor) => unchecked((seed * 486_187_739) + (actor * 16_777_619));

    private void Tell(string when, ServerState state) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{when, 6}: {state.Connections} connections, {state.Descriptors} descriptors, {Mebibytes(state.ResidentBytes)} resident, {Mebibytes(state.ManagedBytes)} managed; {Interlocked.Read(ref _visits):N0} visits, {_failures.Count} failures"
            )
        );

    private static string Kinds(ServerState state) =>
        string.Join(", ", state.DescriptorKinds.OrderBy(static kind => kind.Key).Select(static kind => $"{kind.Value} {kind.Key}"));

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
