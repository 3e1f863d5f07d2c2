namespace Longwire.Soak;

/// <summary>What carries the server's connections.</summary>
internal enum SoakTransport
{
    IoUring,
    Epoll,
    Kestrel,
}
