namespace Longwire.Soak;

/// <summary>The transport of the server's connections.</summary>
internal enum SoakTransport
{
    IoUring,
    Epoll,
    Kestrel,
}
