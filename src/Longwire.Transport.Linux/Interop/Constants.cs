namespace Longwire.Transport.Linux;

/// <summary>Numbers of the kernel's interface, the same on x86-64 and arm64.</summary>
internal static class Constants
{
    public const int SolSocket = 1;
    public const int SoError = 4;
    public const int SoLinger = 13;
    public const int SoReusePort = 15;

    public const int MsgDontWait = 0x40;
    public const int MsgWaitAll = 0x100;
    public const int MsgNoSignal = 0x4000;

    public const int SockCloseOnExec = 0x80000;

    public const int SockStream = 1;
    public const int SockNonBlock = 0x800;

    public const int FamilyUnix = 1;

    public const int LevelIp = 0;
    public const int IpBindAddressNoPort = 24;
    public const int LevelTcp = 6;
    public const int TcpNoDelay = 1;

    public const int ShutdownSend = 1;

    public const int EventFdCloseOnExec = 0x80000;
    public const int EventFdNonBlock = 0x800;

    public const int LimitNumberOfFiles = 7;

    public const int ProtectReadWrite = 3;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapAnonymous = 0x20;
    public const int MapPopulate = 0x8000;
}
