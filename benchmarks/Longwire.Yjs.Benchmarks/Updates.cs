using System.Diagnostics;
using System.Text.Json;

namespace Longwire.Yjs.Benchmarks;

/// <summary>Merging and taking differences, here and in Node: the same updates, one thread.</summary>
internal sealed class Updates
{
    /// <summary>
    /// How many strokes of keys are merged at a time. Node's time for it grows with the square of the number: for all of a long text it
    /// would be hours.
    /// </summary>
    public const int Strokes = 1_000;

    /// <summary>How large the document is whose halves are merged.</summary>
    public const int DocumentMebibytes = 4;

    private readonly byte[][] _strokes;
    private readonly byte[][] _halves;
    private readonly byte[] _whole;
    private readonly byte[] _vector;

    public Updates()
    {
        List<byte[]> all = Messages.Typed(DocumentMebibytes << 20, seed: 2);
        _strokes = [.. all.Take(Strokes)];
        _halves = [Merge(all[..(all.Count / 2)]), Merge(all[(all.Count / 2)..])];
        _whole = Merge(_halves);
        // The state of a client that was there until the middle.
        YjsUpdate.TryGetStateVector(_halves[0], out byte[]? vector, out _);
        _vector = vector!;
    }

    public UpdateRates Longwire(int seconds)
    {
        ReadOnlyMemory<byte>[] strokes = [.. _strokes.Select(static update => new ReadOnlyMemory<byte>(update))];
        ReadOnlyMemory<byte>[] halves = [.. _halves.Select(static update => new ReadOnlyMemory<byte>(update))];
        return new UpdateRates(
            Measure(() => YjsUpdate.TryMerge(strokes, out byte[]? _, out YjsError? _), Size(_strokes), seconds),
            Measure(() => YjsUpdate.TryMerge(halves, out byte[]? _, out YjsError? _), Size(_halves), seconds),
            Measure(() => YjsUpdate.TryDifference(_whole, _vector, out byte[]? _, out YjsError? _), _whole.Length, seconds)
        );
    }

    public async Task<UpdateRates> PeerAsync(int seconds)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("longwire-");
        try
        {
            await WriteAsync("strokes", Blobs(_strokes));
            await WriteAsync("halves", Blobs(_halves));
            await WriteAsync("whole", _whole);
            await WriteAsync("vector", _vector);
            using Process node = Process.Start(
                new ProcessStartInfo("node", [Path.Combine(ServerProcess.PeerFolder, "updates.js"), folder.FullName, $"{seconds}"])
                {
                    RedirectStandardOutput = true,
                }
            )!;
            using JsonDocument answer = JsonDocument.Parse(await node.StandardOutput.ReadToEndAsync());
            return new UpdateRates(Rate("strokes"), Rate("halves"), Rate("difference"));

            double Rate(string name) => answer.RootElement.GetProperty(name).GetDouble();
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Task WriteAsync(string name, byte[] bytes) => File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), bytes);
    }

    private static byte[] Merge(IReadOnlyList<byte[]> updates) =>
        YjsUpdate.TryMerge(updates.Select(static update => new ReadOnlyMemory<byte>(update)), out byte[]? merged, out YjsError? error)
            ? merged
            : throw new InvalidOperationException(error.ToString());

    private static byte[] Blobs(byte[][] updates)
    {
        var file = new List<byte>();
        Array.ForEach(updates, update => Messages.Blob(file, update));
        return [.. file];
    }

    private static long Size(byte[][] updates) => updates.Sum(static update => (long)update.Length);

    private static double Measure(Action work, long bytes, int seconds)
    {
        Until(seconds / 3.0);
        return Until(seconds);

        double Until(double length)
        {
            long start = Stopwatch.GetTimestamp();
            long times = 0;
            do
            {
                work();
                times++;
            } while (Stopwatch.GetElapsedTime(start).TotalSeconds < length);

            return times * bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / (1 << 20);
        }
    }
}
