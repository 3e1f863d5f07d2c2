namespace Longwire.Cli.Serve;

/// <summary>The transport of <c>longwire serve</c>.</summary>
internal enum ServeTransport
{
    /// <summary>Longwire's event loops where there are any, else Kestrel's own transport.</summary>
    Auto,

    /// <summary>Longwire's event loops on epoll.</summary>
    Epoll,

    /// <summary>Longwire's event loops on io_uring; refuses to start where the kernel doesn't allow it.</summary>
    IoUring,

    /// <summary>Kestrel's own transport.</summary>
    Kestrel,
}
