namespace Longwire.Tests;

public sealed class ResumeSignalTests
{
    [Fact]
    public async Task A_signal_before_the_wait_is_remembered_once()
    {
        var signal = new ResumeSignal();
        signal.Set();
        signal.Set();
        Assert.True(signal.WaitAsync().IsCompletedSuccessfully);
        ValueTask next = signal.WaitAsync();
        Assert.False(next.IsCompleted);
        signal.Set();
        await next;
    }

    [Fact(Timeout = 600_000)]
    public async Task No_signal_is_lost_between_two_threads()
    {
        var signal = new ResumeSignal();
        int produced = 0;
        int seen = 0;
        Task producing = Task.Run(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                Interlocked.Increment(ref produced);
                signal.Set();
            }
        });
        while (seen < 100_000)
        {
            await signal.WaitAsync();
            seen = Volatile.Read(ref produced);
        }

        await producing;
    }
}
