using System.Globalization;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>
/// The conversation with a worker elsewhere, in lines: <c>ready</c> or <c>failed CODE TEXT</c> when its connections are open or can't be;
/// <c>begin TIME</c>, or <c>begin +MILLISECONDS</c> where the clocks differ, and <c>stop</c> to it; <c>progress COUNT</c> now and then,
/// and <c>share JSON</c> when it has measured.
/// </summary>
internal sealed class WorkerLink(TextReader reader, TextWriter writer)
{
    private long _completed;

    /// <summary>How many messages it has completed.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <exception cref="BenchFault">Its connections can't be opened.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        string[] answer = (await ReadAsync(cancellationToken)).Split(' ', 3);
        if (answer[0] == "failed")
        {
            throw new BenchFault(
                JsonSerializer.Deserialize(answer[2], BenchJson.Default.String)!,
                int.Parse(answer[1], CultureInfo.InvariantCulture)
            );
        }
    }

    /// <param name="begin">A time of the clock, or with a plus the milliseconds until then.</param>
    /// <param name="interrupt">Ends it early.</param>
    public async Task<BenchShare> MeasureAsync(string begin, CancellationToken interrupt)
    {
        await writer.WriteLineAsync($"begin {begin}");
        await writer.FlushAsync(CancellationToken.None);
        await using CancellationTokenRegistration stop = interrupt.Register(() =>
        {
            writer.WriteLine("stop");
            writer.Flush();
        });
        while (true)
        {
            string answer = await ReadAsync(CancellationToken.None);
            if (answer.StartsWith("progress ", StringComparison.Ordinal))
            {
                Volatile.Write(ref _completed, long.Parse(answer.AsSpan("progress ".Length), CultureInfo.InvariantCulture));
                continue;
            }

            return JsonSerializer.Deserialize(answer["share ".Length..], BenchJson.Default.BenchShare)!;
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await reader.ReadLineAsync(cancellationToken) ?? throw new BenchFault("A worker has ended unexpectedly.", ExitCode.NameOrTcp);
}
