using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Longwire.Cli.Bench;

/// <summary>Connections that have had one message each, or what they were told to say, and then are silent.</summary>
internal sealed class IdleRun(BenchOptions options) : EchoRun(options)
{
    private readonly bool _says = options.Say.Count > 0;

    protected override long Pending => _says ? Sessions.Sum(static session => ((SayingSession)session).Pending) : base.Pending;

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await base.OpenAsync(cancellationToken);
        await OnLoopAsync(() =>
        {
            WindowStart = 0;
            if (_says)
            {
                foreach (SayingSession session in Sessions.Cast<SayingSession>())
                {
                    session.Say();
                }
            }
            else
            {
                SendOneEach(Stopwatch.GetTimestamp());
            }
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

    protected override BenchSession CreateSession(int index, bool isSlow) =>
        _says ? new SayingSession(this, index) : base.CreateSession(index, isSlow);

    protected override void Prepare(int? windowBits)
    {
        if (!_says)
        {
            base.Prepare(windowBits);
        }
    }

    protected override void Begin(long now)
    {
        // It has had its say.
    }
}
