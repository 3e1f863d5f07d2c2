namespace Longwire.Transport.Linux.Tests;

/// <summary>
/// The kinds of loop. Where the kernel refuses io_uring its tests fail: what is not tested must not pass for tested. On a machine where
/// that can't be helped, LONGWIRE_NO_IO_URING=1 leaves them out.
/// </summary>
public sealed class Kinds : TheoryData<EventLoopKind>
{
    public Kinds()
    {
        Add(EventLoopKind.Epoll);
        if (HasIoUring)
        {
            Add(EventLoopKind.IoUring);
        }
    }

    public static bool HasIoUring { get; } = Environment.GetEnvironmentVariable("LONGWIRE_NO_IO_URING") != "1";
}
