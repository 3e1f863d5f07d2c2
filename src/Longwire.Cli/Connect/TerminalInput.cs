namespace Longwire.Cli.Connect;

/// <summary>Lines that somebody types at a terminal, key by key, so that what comes meanwhile doesn't break them.</summary>
internal sealed class TerminalInput : LineInput
{
    private readonly LineEditor _editor;
    private bool _isReading;

    public TerminalInput(TextWriter screen) => _editor = new LineEditor(screen, static () => Console.WindowWidth);

    public override string? ReadLine()
    {
        Alone(() =>
        {
            _isReading = true;
            _editor.Show();
            return true;
        });
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            LineEdit edit = Alone(() =>
            {
                LineEdit edit = _editor.Take(key);
                _isReading = edit == LineEdit.Goes;
                return edit;
            });
            if (edit != LineEdit.Goes)
            {
                return edit == LineEdit.Line ? _editor.Line : null;
            }
        }
    }

    public override void End() =>
        Alone(() =>
        {
            Hide();
            return _isReading = false;
        });

    protected override void Hide()
    {
        if (_isReading)
        {
            _editor.Hide();
        }
    }

    protected override void Show()
    {
        if (_isReading)
        {
            _editor.Show();
        }
    }
}
