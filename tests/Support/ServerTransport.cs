namespace Longwire.Testing;

/// <summary>The transport of a server's connections. Tests of a server run on each of these.</summary>
public enum ServerTransport
{
    /// <summary>Kestrel's own sockets.</summary>
    Kestrel,

    /// <summary>Longwire's event loops on epoll.</summary>
    Epoll,

    /// <summary>Longwire's event loops on io_uring. Where the kernel refuses it, the server doesn't start and the test fails.</summary>
    IoUring,
}
