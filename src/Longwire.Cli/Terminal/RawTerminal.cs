using System.Runtime.InteropServices;

namespace Longwire.Cli.Terminal;

/// <summary>
/// The terminal at standard input, key by key and without echo, on Linux. Ctrl-C and Ctrl-Z are signals still; what is written is
/// translated as before.
/// </summary>
internal sealed unsafe partial class RawTerminal : IDisposable
{
    private const int InputDescriptor = 0;
    private const int ErrorDescriptor = 2;
    private const int Now = 0; // TCSANOW
    private const uint LineMode = 0x2; // ICANON
    private const uint Echo = 0x8; // ECHO
    private const uint Extensions = 0x8000; // IEXTEN: Ctrl-V, Ctrl-O
    private const uint FlowControl = 0x400; // IXON: Ctrl-S and Ctrl-Q
    private const ulong GetWindowSize = 0x5413; // TIOCGWINSZ
    private const short Readable = 1; // POLLIN
    private const int UsualColumns = 80;
    private const int TryAgain = 4; // EINTR
    private const int Stop = 19; // SIGSTOP
    private const string PasteOn = "\e[?2004h";
    private const string PasteOff = "\e[?2004l";

    private readonly TextWriter _screen;
    private readonly Settings _before;
    private readonly EventHandler _onExit;
    private bool _isRaw;

    public RawTerminal(TextWriter screen)
    {
        _screen = screen;
        _ = tcgetattr(InputDescriptor, out _before);
        _onExit = (_, _) => Dispose();
        AppDomain.CurrentDomain.ProcessExit += _onExit;
        Enter();
    }

    /// <summary>The columns of the terminal that is written to.</summary>
    public static int Columns =>
        ioctl(ErrorDescriptor, GetWindowSize, out WindowSize size) == 0 && size.Columns > 0 ? size.Columns : UsualColumns;

    /// <summary>Sets the terminal up; again, after a shell has had it.</summary>
    public void Enter()
    {
        Settings settings = _before;
        settings.Local &= ~(LineMode | Echo | Extensions);
        settings.Input &= ~FlowControl;
        _ = tcsetattr(InputDescriptor, Now, settings);
        _isRaw = true;
        _screen.Write(PasteOn);
        _screen.Flush();
    }

    /// <summary>Gives the terminal back as it was.</summary>
    public void Leave()
    {
        if (_isRaw)
        {
            _isRaw = false;
            _screen.Write(PasteOff);
            _screen.Flush();
            _ = tcsetattr(InputDescriptor, Now, _before);
        }
    }

    /// <summary>Waits for keys.</summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    public static int Read(Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            nint read;
            do
            {
                read = ReadDescriptor(InputDescriptor, first, buffer.Length);
            } while (read < 0 && Marshal.GetLastPInvokeError() == TryAgain);
            return (int)Math.Max(0, read);
        }
    }

    /// <summary>Whether more comes within a time.</summary>
    public static bool HasMore(TimeSpan patience)
    {
        var poll = new PollDescriptor { Descriptor = InputDescriptor, Events = Readable };
        return Poll(&poll, 1, (int)patience.TotalMilliseconds) > 0;
    }

    /// <summary>Stops the process as Ctrl-Z does; returns when it goes on. A signal that is handled stops nothing by itself.</summary>
    public static void StopProcess() => _ = kill(Environment.ProcessId, Stop);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        Leave();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int tcgetattr(int descriptor, out Settings settings);

    [LibraryImport("libc")]
    private static partial int tcsetattr(int descriptor, int when, in Settings settings);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, ulong request, out WindowSize size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadDescriptor(int descriptor, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    // struct termios of Linux, glibc and musl.
    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Local;
        public byte Discipline;
        public fixed byte Characters[32];
        public uint InputSpeed;
        public uint OutputSpeed;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
