namespace Longwire.Transport.Linux.Tests;

/// <summary>The kinds of loop that this machine can run. epoll always; io_uring where the kernel lets us.</summary>
public sealed class Kinds : TheoryData<EventLoopKind>
{
    public Kinds()
    {
        Add(EventLoopKind.Epoll);
        if (HasIoUring) Add(EventLoopKind.IoUring);
    }

    public static bool HasIoUring { get; } = Probe();

    private static bool Probe()
    {
        try
        {
            var group = new EventLoopGroup(new EventLoopOptions { Kind = EventLoopKind.IoUring, LoopCount = 1 });
            group.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
