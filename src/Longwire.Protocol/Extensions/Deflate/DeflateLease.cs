namespace Longwire.Protocol;

/// <summary>
/// A part of a <see cref="DeflateBudget"/>. Disposing returns it; so does the collector when its holder was never disposed.
/// </summary>
internal sealed class DeflateLease(DeflateBudget budget, long bytes) : IDisposable
{
    private long _bytes = bytes;

    ~DeflateLease() => budget.Return(_bytes);

    public void Dispose()
    {
        budget.Return(Interlocked.Exchange(ref _bytes, 0));
        GC.SuppressFinalize(this);
    }
}
