using System.Diagnostics;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>
/// Connections are opened, closed in good order, and opened again, so many at a time; what is measured is the opening handshake.
/// </summary>
internal sealed class StormRun : BenchRun
{
    private readonly EventLoopGroup _group;
    private readonly Dialer _dialer;
    private readonly BenchMeter _meter = new();
    private readonly LatencyHistogram _latency = new();
    private long _handshakes;

    public StormRun(BenchOptions options)
        : base(options)
    {
        _group = new EventLoopGroup(
            new EventLoopOptions
            {
                LoopCount = 1,
                Kind = options.Loop,
                TimerTick = TimeSpan.FromMilliseconds(10),
                LingerTimeout = TimeSpan.FromSeconds(1),
            }
        );
        _dialer = new Dialer(options, _group);
    }

    public override long Completed => Volatile.Read(ref _handshakes);

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _dialer.PrepareAsync(cancellationToken);
        // A server that refuses is found out before the storm.
        await OpenAndCloseAsync(0, cancellationToken);
    }

    public override async Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt)
    {
        PlanWindow(beginAt);
        await WaitUntilAsync(beginAt, interrupt);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        Task[] all =
        [
            .. Enumerable
                .Range(0, Options.Concurrency)
                .Select(index => Task.Run(() => RepeatAsync(index, end.Token), CancellationToken.None)),
        ];
        await WaitUntilAsync(WindowStart, interrupt);
        _meter.Start(Options.ServerProcess);
        await WaitUntilAsync(WindowEnd, interrupt);
        _meter.Stop();
        long ended = Math.Min(Stopwatch.GetTimestamp(), WindowEnd);
        await end.CancelAsync();
        await Task.WhenAll(all);
        return new BenchShare
        {
            Connections = Options.Concurrency,
            Seconds = Math.Max(0, ended - WindowStart) / (double)Stopwatch.Frequency,
            Messages = _handshakes,
            Latency = _latency.ToData(),
            OwnCpuSeconds = _meter.OwnSeconds,
            ServerCpuSeconds = _meter.ServerSeconds,
            IsInterrupted = interrupt.IsCancellationRequested,
            Failure = Failure?.Message,
            ExitCode =
                Failure is null ? ExitCode.Done
                : Failure is BenchFault fault ? fault.ExitCode
                : ExitCode.ProtocolError,
        };
    }

    public override async ValueTask DisposeAsync()
    {
        await _dialer.DisposeAsync();
        await _group.DisposeAsync();
    }

    private async Task RepeatAsync(int index, CancellationToken end)
    {
        try
        {
            while (!end.IsCancellationRequested && Failure is null)
            {
                long began = Stopwatch.GetTimestamp();
                long opened = await OpenAndCloseAsync(index, end);
                lock (_latency)
                {
                    if (opened >= WindowStart && opened < WindowEnd)
                    {
                        _handshakes++;
                        _latency.Record(opened - began);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The window is over.
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <returns>When the handshake was done.</returns>
    private async Task<long> OpenAndCloseAsync(int index, CancellationToken cancellationToken)
    {
        if (Options.UsesClient)
        {
            WebSocketConnection connection = await _dialer.OpenAsync(new SilentHandler(), cancellationToken);
            long done = Stopwatch.GetTimestamp();
            await connection.CloseAsync(CloseStatus.NormalClosure, "", CancellationToken.None);
            return done;
        }

        var socket = new StormSocket(Options.IsTcp);
        await _dialer.OpenAsync(socket, index, cancellationToken);
        long opened = Stopwatch.GetTimestamp();
        await socket.Closed;
        return opened;
    }

    private sealed class SilentHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) { }
    }
}
