namespace Longwire.Transport.Linux;

/// <summary>Which interface of the kernel an event loop is built on.</summary>
public enum EventLoopKind
{
    /// <summary>io_uring where the kernel has it (Linux 6.1) and allows it, otherwise epoll. The default; the choice is logged.</summary>
    Automatic = 0,

    /// <summary>epoll, edge-triggered: on every Linux.</summary>
    Epoll = 1,

    /// <summary>io_uring, or an exception at start-up. Containers often forbid it (Docker's default seccomp profile does).</summary>
    IoUring = 2,
}
