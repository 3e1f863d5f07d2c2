using System.Diagnostics;
using Longwire.Cli.Bench;
using Longwire.Cli.Network;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>The generator of <c>longwire bench</c>, on this server's own echo: one run at a time, which ends by itself.</summary>
internal sealed class LoadGenerator
{
    private const int Connections = 50;
    private const double MessagesPerSecond = 10_000;
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(20);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _end;

    public bool IsRunning
    {
        get
        {
            lock (_lock)
            {
                return _end is not null;
            }
        }
    }

    public void Start(Uri echo, NetworkOptions network, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (_end is null && OperatingSystem.IsLinux())
            {
                _end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                _ = RunAsync(echo, network, _end);
            }
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _end?.Cancel();
        }
    }

    private async Task RunAsync(Uri echo, NetworkOptions network, CancellationTokenSource end)
    {
        try
        {
            var options = new BenchOptions
            {
                Address = echo,
                Network = network,
                UsesClient = echo.Scheme == Uri.UriSchemeWss,
                Connections = Connections,
                Rate = MessagesPerSecond,
                WarmUp = TimeSpan.Zero,
                Duration = _duration,
            };
            await using var run = BenchRun.Create(options);
            await run.OpenAsync(end.Token);
            await run.MeasureAsync(Stopwatch.GetTimestamp(), end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or LongwireException or IOException or BenchFault)
        {
            // It was to end, or the server does: the figures show that there is no load.
        }
        finally
        {
            lock (_lock)
            {
                _end = null;
                end.Dispose();
            }
        }
    }
}
