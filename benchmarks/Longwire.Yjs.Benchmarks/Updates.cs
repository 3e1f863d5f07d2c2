using System.Diagnostics;
using System.Text.Json;

namespace Longwire.Yjs.Benchmarks;

/// <summary>Merging and taking differences, here and in Node, in MiB a second.</summary>
internal static class Updates
{
    private const int Bytes = 4 << 20;

    public static (double Merge, double Difference) Longwire(int seconds)
    {
        List<byte[]> updates = Messages.Typed(Bytes, seed: 2);
        ReadOnlyMemory<byte>[] memories = [.. updates.Select(static update => new ReadOnlyMemory<byte>(update))];
        YjsUpdate.TryMerge(memories, out byte[]? merged, out _);
        byte[] vector = Half(updates);
        return (
            Measure(
                () => YjsUpdate.TryMerge(memories, out byte[]? _, out YjsError? _),
                updates.Sum(static update => (long)update.Length),
                seconds
            ),
            Measure(() => YjsUpdate.TryDifference(merged, vector, out byte[]? _, out YjsError? _), merged!.Length, seconds)
        );
    }

    public static async Task<(double Merge, double Difference)> PeerAsync(int seconds)
    {
        List<byte[]> updates = Messages.Typed(Bytes, seed: 2);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("longwire-");
        try
        {
            var file = new List<byte>();
            updates.ForEach(update => Messages.Blob(file, update));
            string updatesFile = Path.Combine(folder.FullName, "updates");
            string vectorFile = Path.Combine(folder.FullName, "vector");
            await File.WriteAllBytesAsync(updatesFile, [.. file]);
            await File.WriteAllBytesAsync(vectorFile, Half(updates));
            using Process node = Process.Start(
                new ProcessStartInfo("node", [Path.Combine(ServerProcess.Peer, "updates.js"), updatesFile, vectorFile, $"{seconds}"])
                {
                    RedirectStandardOutput = true,
                }
            )!;
            using JsonDocument answer = JsonDocument.Parse(await node.StandardOutput.ReadToEndAsync());
            return (answer.RootElement.GetProperty("merge").GetDouble(), answer.RootElement.GetProperty("difference").GetDouble());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What a client has that was there until the middle.
    private static byte[] Half(List<byte[]> updates)
    {
        var document = new YjsDocument();
        foreach (byte[] update in updates.Take(updates.Count / 2))
        {
            document.TryApply(update, out _);
        }

        return document.EncodeStateVector();
    }

    private static double Measure(Action work, long bytes, int seconds)
    {
        Until(seconds / 3.0);
        return Until(seconds);

        double Until(double length)
        {
            long start = Stopwatch.GetTimestamp();
            long times = 0;
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < length)
            {
                work();
                times++;
            }

            return times * bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / (1 << 20);
        }
    }
}
