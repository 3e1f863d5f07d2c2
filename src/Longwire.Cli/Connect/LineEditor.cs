using System.Text;

namespace Longwire.Cli.Connect;

/// <summary>
/// One line that is being typed, on the last row of a terminal: arrows, Home and End, Delete, Ctrl-A, -E, -U, -K, -W, and the
/// lines typed before with Up and Down. A line longer than the row is shown in part, so that it can be taken away and put back.
/// </summary>
internal sealed class LineEditor(TextWriter screen, Func<int> width)
{
    private const string Prompt = "> ";
    private const string ClearRow = "\r\e[K";
    private const int MaxHistory = 1000;
    private const int LeastWidth = 8;

    private readonly StringBuilder _text = new();
    private readonly List<string> _history = [];
    private int _cursor;
    private int _recalled;

    /// <summary>The line that was completed last.</summary>
    public string Line { get; private set; } = "";

    public LineEdit Take(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Complete();
            case ConsoleKey.D when control && _text.Length == 0:
                Hide();
                return LineEdit.End;
            case ConsoleKey.Backspace:
                Remove(Before(_cursor), _cursor);
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                Remove(_cursor, After(_cursor));
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Before(_cursor);
                break;
            case ConsoleKey.RightArrow:
                _cursor = After(_cursor);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recalled + 1);
                break;
            case ConsoleKey.U when control:
                Remove(0, _cursor);
                break;
            case ConsoleKey.K when control:
                Remove(_cursor, _text.Length);
                break;
            case ConsoleKey.W when control:
                Remove(WordBefore(_cursor), _cursor);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text.Insert(_cursor++, key.KeyChar);
                }

                break;
        }

        Show();
        return LineEdit.Goes;
    }

    public void Hide()
    {
        screen.Write(ClearRow);
        screen.Flush();
    }

    public void Show()
    {
        int room = Math.Max(width(), LeastWidth) - Prompt.Length - 1;
        int start = Math.Max(0, _cursor - room);
        int length = Math.Min(room, _text.Length - start);
        screen.Write(ClearRow + Prompt + _text.ToString(start, length));
        int back = start + length - _cursor;
        if (back > 0)
        {
            screen.Write($"\e[{back}D");
        }

        screen.Flush();
    }

    private LineEdit Complete()
    {
        Line = _text.ToString();
        _cursor = _text.Length;
        Show();
        screen.Write("\r\n");
        screen.Flush();
        if (Line.Length != 0 && (_history.Count == 0 || _history[^1] != Line))
        {
            _history.Add(Line);
            if (_history.Count > MaxHistory)
            {
                _history.RemoveAt(0);
            }
        }

        _recalled = _history.Count;
        _text.Clear();
        _cursor = 0;
        return LineEdit.Line;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > _history.Count)
        {
            return;
        }

        _recalled = index;
        _text.Clear();
        _text.Append(index == _history.Count ? "" : _history[index]);
        _cursor = _text.Length;
    }

    private void Remove(int start, int end)
    {
        _text.Remove(start, end - start);
        _cursor = start;
    }

    // A character outside of the basic plane is two in here and one on the screen.
    private int Before(int position) =>
        position == 0 ? 0
        : position > 1 && char.IsSurrogatePair(_text[position - 2], _text[position - 1]) ? position - 2
        : position - 1;

    private int After(int position) =>
        position == _text.Length ? position
        : position + 1 < _text.Length && char.IsSurrogatePair(_text[position], _text[position + 1]) ? position + 2
        : position + 1;

    private int WordBefore(int position)
    {
        while (position > 0 && _text[position - 1] == ' ')
        {
            position--;
        }

        while (position > 0 && _text[position - 1] != ' ')
        {
            position--;
        }

        return position;
    }
}
