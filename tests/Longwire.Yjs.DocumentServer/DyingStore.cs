using System.Diagnostics;

namespace Longwire.Yjs.DocumentServer;

/// <summary>
/// A store whose first replacement of a log is timed; at that of another document the process ends, at some moment of about as long a
/// time. It prints "replacing" and "replaced" around that one: where the second is missing, the process ended within.
/// </summary>
internal sealed class DyingStore(IYjsStore store, Random random) : IYjsStore
{
    private readonly Process _own = Process.GetCurrentProcess();
    private TimeSpan _usual;
    private string? _timed;

    public async ValueTask<IYjsDocumentLog> OpenAsync(string document, CancellationToken cancellationToken = default) =>
        new Log(this, document, await store.OpenAsync(document, cancellationToken));

    private async ValueTask ReplaceAsync(string document, IYjsDocumentLog log, ReadOnlyMemory<byte> state)
    {
        _timed ??= document;
        if (_timed == document)
        {
            long began = Stopwatch.GetTimestamp();
            await log.ReplaceAsync(state);
            _usual = Stopwatch.GetElapsedTime(began);
            Console.WriteLine("timed");
            return;
        }

        Console.WriteLine("replacing");
        // The first one took longer, as code was compiled: early moments are more likely to lie within.
        TimeSpan moment = _usual * Math.Pow(random.NextDouble(), 3);
        long start = Stopwatch.GetTimestamp();
        new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(start) < moment)
            {
                Thread.SpinWait(20);
            }

            _own.Kill();
        }).Start();
        await log.ReplaceAsync(state);
        Console.WriteLine("replaced");
    }

    private sealed class Log(DyingStore store, string document, IYjsDocumentLog log) : IYjsDocumentLog
    {
        public long Bytes => log.Bytes;

        public ValueTask<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken = default) =>
            log.ReadAsync(cancellationToken);

        public ValueTask AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> updates, CancellationToken cancellationToken = default) =>
            log.AppendAsync(updates, cancellationToken);

        public ValueTask ReplaceAsync(ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default) =>
            store.ReplaceAsync(document, log, state);

        public ValueTask DisposeAsync() => log.DisposeAsync();
    }
}
