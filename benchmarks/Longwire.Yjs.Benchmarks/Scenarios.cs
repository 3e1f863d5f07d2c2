using System.Diagnostics;
using Longwire.Transport.Linux;

namespace Longwire.Yjs.Benchmarks;

/// <summary>The loads on a server, and their cost.</summary>
internal sealed class Scenarios(BenchmarkOptions options) : IDisposable
{
    private const int UpdatesPerSecond = 40;

    // Code that compiles as it runs has compiled by then.
    private const int WarmUpSeconds = 6;

    private static readonly TimeSpan _longestStandstill = TimeSpan.FromMinutes(1);

    private string? _closed;
    private readonly EventLoopGroup _loops = new(new EventLoopOptions { LoopCount = 1 });

    private LoopWebSocketClient Client =>
        new(
            _loops,
            LoopWebSocketClientOptions.Default with
            {
                ConnectTimeout = TimeSpan.FromMinutes(2),
                Connection = WebSocketConnectionOptions.Default with
                {
                    MaxMessageBytes = 1 << 30,
                    SendQueueBytes = 1 << 30,
                    // A server that is busy for long is to be measured, not left.
                    PingInterval = Timeout.InfiniteTimeSpan,
                },
            }
        );

    /// <summary>One writes, many read: deliveries per CPU second of the server, and the time from the writer to the readers.</summary>
    public async Task<(double PerCpuSecond, double Median, double P99)> ObserveAsync(ServerProcess server, bool plain = false)
    {
        string address = plain ? server.Broadcast : server.Address + $"observed-{Random.Shared.Next()}";
        List<Editor> observers = await ConnectAsync(server, address, options.Observers, takesTime: true, asks: !plain);
        Editor writer = (await ConnectAsync(server, address, 1, takesTime: false, asks: !plain))[0];
        long clock = 0;
        await WriteAsync(WarmUpSeconds);
        observers.ForEach(static observer => observer.Measures = true);
        double cpu = server.CpuSeconds;
        long before = observers.Sum(static observer => observer.Updates);
        long written = await WriteAsync(options.Seconds);
        await ReachAsync(
            server,
            () => observers.Sum(static observer => observer.Updates) - before,
            written * observers.Count,
            "updates that reached their readers"
        );
        cpu = server.CpuSeconds - cpu;
        long delivered = observers.Sum(static observer => observer.Updates) - before;

        double[] times = [.. observers.SelectMany(static observer => observer.Milliseconds).Order()];
        Close(observers, writer);
        return (delivered / cpu, times[times.Length / 2], times[times.Length * 99 / 100]);

        async Task<long> WriteAsync(int seconds)
        {
            long start = Stopwatch.GetTimestamp();
            long count = seconds * UpdatesPerSecond;
            for (long i = 0; i < count; i++)
            {
                TimeSpan due = TimeSpan.FromSeconds((double)i / UpdatesPerSecond) - Stopwatch.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due);
                }

                writer.Connection.TrySend(Messages.Timed(7, ref clock), MessageType.Binary);
            }

            return count;
        }
    }

    /// <summary>Many show where their cursors are, once a second each: the share of a core that the server takes.</summary>
    public async Task<double> ShowAsync(ServerProcess server)
    {
        List<Editor> people = await ConnectAsync(
            server,
            server.Address + $"shown-{Random.Shared.Next()}",
            options.People,
            takesTime: false,
            asks: true
        );
        long clock = 1;
        await MoveAsync(WarmUpSeconds);
        double cpu = server.CpuSeconds;
        long before = people.Sum(static person => person.AwarenessChanges);
        long moved = await MoveAsync(options.Seconds);
        // A server that is behind may tell of the newest of several changes alone.
        await ReachAsync(
            server,
            () => people.Sum(static person => person.AwarenessChanges) - before,
            moved * people.Count * 95 / 100,
            "changes of cursors that were told"
        );
        double share = (server.CpuSeconds - cpu) / options.Seconds;
        Close(people);
        return share;

        async Task<long> MoveAsync(int seconds)
        {
            long start = Stopwatch.GetTimestamp();
            long count = (long)seconds * people.Count;
            for (long i = 0; i < count; i++)
            {
                TimeSpan due = TimeSpan.FromSeconds((double)i / people.Count) - Stopwatch.GetElapsedTime(start);
                if (due > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(due);
                }

                int person = (int)(i % people.Count);
                people[person].Connection.TrySend(Messages.Awareness(10_000 + person, person == 0 ? ++clock : clock), MessageType.Binary);
            }

            return count;
        }
    }

    /// <summary>
    /// Many join a large document at once: CPU seconds, and what the server held at the most beyond what it holds without a document, as a
    /// multiple of it.
    /// </summary>
    public async Task<(double CpuSeconds, double Seconds, double PeakOverDocument)> JoinAsync(ServerProcess server)
    {
        double empty = server.ResidentMebibytes;
        string address = server.Address + $"joined-{Random.Shared.Next()}";
        Editor writer = (await ConnectAsync(server, address, 1, takesTime: false, asks: true))[0];
        byte[] document = Messages.Document(options.DocumentMebibytes << 20, seed: 1);
        writer.Connection.TrySend(Messages.Sync(document), MessageType.Binary);
        await ReachAsync(server, () => writer.Updates, 1, "the document that was written");

        // The memory for taking the document in is not that of the joins.
        await Task.Delay(1000);
        server.ForgetPeak();
        double cpu = server.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        Task<(long Bytes, int Attempts)[]> joining = Task.WhenAll(
            Enumerable.Range(0, options.Joins).Select(_ => Joiner.JoinAsync(address))
        );
        await ReachAsync(server, () => joining.IsCompleted ? 1 : 0, 1, "joins that ended");
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        cpu = server.CpuSeconds - cpu;
        if ((await joining).Min(static join => join.Bytes) is var least && least < document.Length / 2)
        {
            throw new InvalidOperationException($"{server.Name} has sent {least:N0} bytes of {document.Length:N0}.");
        }

        if ((await joining).Sum(static join => join.Attempts - 1) is var more and > 0)
        {
            Console.Error.WriteLine($"{server.Name} has cut off {more:N0} joins, which then began again.");
        }

        Close([writer]);
        return (cpu, seconds, (server.PeakMebibytes - empty) / (document.Length / (double)(1 << 20)));
    }

    public void Dispose() => _loops.Dispose();

    private static void Close(List<Editor> editors, params Editor[] more)
    {
        foreach (Editor editor in editors.Concat(more))
        {
            editor.IsClosing = true;
            editor.Connection.Abort();
        }
    }

    private async Task<List<Editor>> ConnectAsync(ServerProcess server, string address, int count, bool takesTime, bool asks)
    {
        var editors = new List<Editor>();
        foreach (int[] some in Enumerable.Range(0, count).Chunk(50))
        {
            Editor[] connected = await Task.WhenAll(
                some.Select(async _ =>
                {
                    var editor = new Editor(reason => _closed = reason, takesTime);
                    editor.Connection = await Client.ConnectAsync(new Uri(address), editor);
                    return editor;
                })
            );
            if (asks)
            {
                foreach (Editor editor in connected)
                {
                    editor.Ask();
                }
            }

            editors.AddRange(connected);
        }

        if (asks)
        {
            await ReachAsync(
                server,
                () => editors.Sum(static editor => editor.Synced.IsCompleted ? 1 : 0),
                count,
                "clients that were sent the document"
            );
        }

        return editors;
    }

    // Waits as long as the server works or something arrives.
    private async Task ReachAsync(ServerProcess server, Func<long> count, long wanted, string what)
    {
        (long Count, double Cpu) seen = default;
        long since = Stopwatch.GetTimestamp();
        while (count() is var reached && reached < wanted)
        {
            if (_closed is { } reason)
            {
                throw new InvalidOperationException($"{server.Name}: {reason}");
            }

            // A server that stands still takes some time for its timers.
            double cpu = server.CpuSeconds;
            if (reached != seen.Count || cpu > seen.Cpu + 1)
            {
                (seen, since) = ((reached, cpu), Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(since) > _longestStandstill)
            {
                throw new InvalidOperationException($"{server.Name}: {what}: {reached:N0} of {wanted:N0}, and no more for a minute.");
            }

            await Task.Delay(20);
        }
    }
}
