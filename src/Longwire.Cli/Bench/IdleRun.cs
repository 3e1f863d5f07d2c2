using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Longwire.Cli.Bench;

/// <summary>Connections that have had one message each, and then are silent.</summary>
internal sealed class IdleRun(BenchOptions options) : EchoRun(options)
{
    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await base.OpenAsync(cancellationToken);
        await OnLoopAsync(() =>
        {
            WindowStart = 0;
            SendOneEach(Stopwatch.GetTimestamp());
        });
        long lost = await DrainAsync();
        if (Failure is not null)
        {
            ExceptionDispatchInfo.Throw(Failure);
        }

        if (lost > 0)
        {
            throw new BenchFault(LostText(lost), ExitCode.Timeout);
        }
    }

    protected override void Begin(long now)
    {
        // It has had its say.
    }
}
