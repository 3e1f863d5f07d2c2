using System.IO.Pipelines;

namespace Longwire.Fuzzing;

/// <summary>A pipe's reader that fails when told, as a connection that is reset.</summary>
internal sealed class FaultyReader(PipeReader reader) : PipeReader
{
    private volatile bool _broken;

    public void Break()
    {
        _broken = true;
        reader.CancelPendingRead();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfBroken();
        ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (_broken)
        {
            reader.AdvanceTo(result.Buffer.Start);
            ThrowIfBroken();
        }

        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfBroken();
        return reader.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => reader.Complete(exception);

    private void ThrowIfBroken()
    {
        if (_broken)
        {
            throw new IOException("The connection was reset.");
        }
    }
}
