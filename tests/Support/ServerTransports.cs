namespace Longwire.Testing;

/// <summary>
/// Every transport. Where the kernel refuses io_uring its tests fail: what is not tested must not pass for tested. On a machine where that
/// can't be helped, LONGWIRE_NO_IO_URING=1 leaves them out.
/// </summary>
public sealed class ServerTransports : TheoryData<ServerTransport>
{
    public ServerTransports()
    {
        Add(ServerTransport.Kestrel);
        Add(ServerTransport.Epoll);
        if (Environment.GetEnvironmentVariable("LONGWIRE_NO_IO_URING") != "1")
        {
            Add(ServerTransport.IoUring);
        }
    }
}
