using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Longwire.Cli.Terminal;

/// <summary>Lines that somebody types at a terminal, key by key, so that what comes meanwhile doesn't break them.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TerminalInput : LineInput
{
    private static readonly TimeSpan _escapePatience = TimeSpan.FromMilliseconds(50);

    private readonly RawTerminal _terminal;
    private readonly KeyDecoder _decoder = new();
    private readonly LineEditor _editor;
    private readonly Queue<string> _lines = new();
    private readonly PosixSignalRegistration _stopped;
    private readonly PosixSignalRegistration _continued;
    private readonly PosixSignalRegistration _resized;
    private bool _isOver;
    private bool _hasEnded;

    public TerminalInput(TextWriter screen, Func<string, IReadOnlyList<string>>? complete = null)
    {
        _terminal = new RawTerminal(screen);
        _editor = new LineEditor(screen, static () => RawTerminal.Columns, new LineHistory(LineHistory.DefaultFile()), complete);
        // Keys typed while the tool started have been echoed; they are read, and shown where they belong.
        Alone(_editor.Show);
        // The shell gets the terminal as it was.
        _stopped = OnSignal(
            PosixSignal.SIGTSTP,
            () =>
            {
                _editor.Hide();
                _terminal.Leave();
                RawTerminal.StopProcess();
            }
        );
        _continued = OnSignal(
            PosixSignal.SIGCONT,
            () =>
            {
                _terminal.Enter();
                _editor.Show();
            }
        );
        _resized = OnSignal(PosixSignal.SIGWINCH, Show);
    }

    public override byte[]? ReadLine()
    {
        byte[] buffer = new byte[4096];
        while (_lines.Count == 0 && !_hasEnded)
        {
            int read = RawTerminal.Read(buffer);
            if (read == 0)
            {
                _hasEnded = true;
                break;
            }

            Alone(() => _decoder.Take(buffer.AsSpan(0, read), Take, _editor.Insert));
            if (_decoder.IsUndecided && !RawTerminal.HasMore(_escapePatience))
            {
                Alone(() => _decoder.Decide(Take));
            }
        }

        return _lines.TryDequeue(out string? line) ? Encoding.UTF8.GetBytes(line) : null;
    }

    public override void Dispose() =>
        Alone(() =>
        {
            if (!_isOver)
            {
                Hide();
                _isOver = true;
                _stopped.Dispose();
                _continued.Dispose();
                _resized.Dispose();
                _terminal.Dispose();
            }
        });

    protected override void Hide()
    {
        if (!_isOver)
        {
            _editor.Hide();
        }
    }

    protected override void Show()
    {
        if (!_isOver && !_hasEnded)
        {
            _editor.Show();
        }
    }

    private PosixSignalRegistration OnSignal(PosixSignal signal, Action action) =>
        PosixSignalRegistration.Create(
            signal,
            context =>
            {
                // Behind SIGCONT the runtime sets the terminal up as it once found it.
                context.Cancel = true;
                Alone(() =>
                {
                    if (!_isOver)
                    {
                        action();
                    }
                });
            }
        );

    private void Take(ConsoleKeyInfo key)
    {
        switch (_editor.Take(key))
        {
            case LineEdit.Line:
                _lines.Enqueue(_editor.Line);
                _editor.Show();
                break;
            case LineEdit.End:
                _hasEnded = true;
                break;
        }
    }
}
