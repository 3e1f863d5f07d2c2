using System.Globalization;
using System.Text;

namespace Longwire.Cli.Terminal;

/// <summary>
/// One line that is being typed, on the last row of a terminal: arrows, Home and End, Delete, Ctrl-A, -E, -U, -K, -W, -Y, the lines
/// typed before with Up, Down and Ctrl-R, and completion with Tab. A line longer than the row is shown in part, so that it can be taken
/// away and put back. It moves by what is seen as one character.
/// </summary>
/// <param name="screen">The terminal.</param>
/// <param name="width">How many columns it has.</param>
/// <param name="history">The lines typed before; null for a history of this run alone.</param>
/// <param name="complete">The words that a beginning of a line may become; null for none.</param>
internal sealed class LineEditor(
    TextWriter screen,
    Func<int> width,
    LineHistory? history = null,
    Func<string, IReadOnlyList<string>>? complete = null
)
{
    private const string Prompt = "> ";
    private const string ClearRow = "\r\e[K";
    private const int LeastWidth = 8;

    // Farther than this from a place there is no need to look for where a character begins: no cluster is longer on purpose.
    private const int MaxElementLength = 64;

    private readonly LineHistory _history = history ?? new LineHistory();
    private readonly StringBuilder _text = new();
    private string _removed = "";
    private int _cursor;
    private int _recalled = history?.Count ?? 0;
    private string? _search;

    /// <summary>The line that was completed last.</summary>
    public string Line { get; private set; } = "";

    public LineEdit Take(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        if (_search is not null && TakeSearch(key, control))
        {
            Show();
            return LineEdit.Goes;
        }

        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Complete();
            case ConsoleKey.D when control && _text.Length == 0:
                Hide();
                return LineEdit.End;
            case ConsoleKey.R when control:
                _search = "";
                break;
            case ConsoleKey.L when control:
                screen.Write("\e[H\e[2J");
                break;
            case ConsoleKey.Tab:
                CompleteWord();
                break;
            default:
                Edit(key, control);
                break;
        }

        Show();
        return LineEdit.Goes;
    }

    /// <summary>Puts a text where the cursor is, line breaks included.</summary>
    public void Insert(string text)
    {
        _search = null;
        _text.Insert(_cursor, text);
        _cursor += text.Length;
        Show();
    }

    public void Hide()
    {
        screen.Write(ClearRow);
        screen.Flush();
    }

    public void Show()
    {
        string prompt = _search is null ? Prompt : $"(search: {_search}) ";
        int room = Math.Max(width(), LeastWidth) - Cells.Of(prompt) - 1;
        (int start, int before) = Backward(_cursor, room);
        (int end, int after) = Forward(_cursor, room - before);
        screen.Write(ClearRow + prompt + TerminalText.OnOneRow(_text.ToString(start, end - start)));
        if (after > 0)
        {
            screen.Write($"\e[{after}D");
        }

        screen.Flush();
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace:
                Remove(Before(_cursor), _cursor);
                break;
            case ConsoleKey.Delete when control:
                Cut(_cursor, WordAfter(_cursor));
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                Remove(_cursor, After(_cursor));
                break;
            case ConsoleKey.LeftArrow:
                _cursor = control ? WordBefore(_cursor) : Before(_cursor);
                break;
            case ConsoleKey.B when control:
                _cursor = Before(_cursor);
                break;
            case ConsoleKey.RightArrow:
                _cursor = control ? WordAfter(_cursor) : After(_cursor);
                break;
            case ConsoleKey.F when control:
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
            case ConsoleKey.P when control:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                Recall(_recalled + 1);
                break;
            case ConsoleKey.U when control:
                Cut(0, _cursor);
                break;
            case ConsoleKey.K when control:
                Cut(_cursor, _text.Length);
                break;
            case ConsoleKey.W when control:
                Cut(WordBefore(_cursor), _cursor);
                break;
            case ConsoleKey.Y when control:
                _text.Insert(_cursor, _removed);
                _cursor += _removed.Length;
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text.Insert(_cursor++, key.KeyChar);
                }

                break;
        }
    }

    private LineEdit Complete()
    {
        _search = null;
        Line = _text.ToString();
        _cursor = _text.Length;
        Show();
        screen.Write("\r\n");
        screen.Flush();
        _history.Add(Line);
        _recalled = _history.Count;
        _text.Clear();
        _cursor = 0;
        return LineEdit.Line;
    }

    // Searching backwards, letter by letter, as shells do.
    private bool TakeSearch(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.R when control:
                Find(_recalled, _search!);
                return true;
            case ConsoleKey.Backspace:
                Find(_history.Count, _search!.Length == 0 ? "" : _search[..^1]);
                return true;
            case ConsoleKey.G when control:
            case ConsoleKey.Escape:
                _search = null;
                Recall(_history.Count);
                return true;
            default:
                if (!control && key.KeyChar != '\0' && !char.IsControl(key.KeyChar))
                {
                    Find(_history.Count, _search + key.KeyChar);
                    return true;
                }

                // Any other key takes what was found, and does what it does.
                _search = null;
                return false;
        }
    }

    private void Find(int before, string search)
    {
        _search = search;
        if (search.Length > 0 && _history.FindBefore(before, search) is var found and >= 0)
        {
            Recall(found);
        }
    }

    private void CompleteWord()
    {
        string typed = _text.ToString(0, _cursor);
        IReadOnlyList<string> words = complete?.Invoke(typed) ?? [];
        if (words.Count == 0)
        {
            return;
        }

        string common = words[0];
        foreach (string word in words)
        {
            common = common[..common.AsSpan().CommonPrefixLength(word)];
        }

        string full = words.Count == 1 ? common + " " : common;
        if (full.Length > typed.Length)
        {
            _text.Remove(0, _cursor).Insert(0, full);
            _cursor = full.Length;
        }
        else if (words.Count > 1)
        {
            screen.Write(ClearRow + string.Join("  ", words) + "\r\n");
        }
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

    private void Cut(int start, int end)
    {
        _removed = _text.ToString(start, end - start);
        Remove(start, end);
    }

    private void Remove(int start, int end)
    {
        _text.Remove(start, end - start);
        _cursor = start;
    }

    // How far back of a place a number of cells reaches.
    private (int Start, int Cells) Backward(int place, int room)
    {
        int cells = 0;
        while (place > 0 && Before(place) is var before && CellsOf(before, place) is var one && cells + one <= room)
        {
            cells += one;
            place = before;
        }

        return (place, cells);
    }

    private (int End, int Cells) Forward(int place, int room)
    {
        int cells = 0;
        while (place < _text.Length && After(place) is var after && CellsOf(place, after) is var one && cells + one <= room)
        {
            cells += one;
            place = after;
        }

        return (place, cells);
    }

    private int CellsOf(int start, int end) => char.IsControl(_text[start]) ? 1 : Cells.OfElement(_text.ToString(start, end - start));

    private int Before(int position)
    {
        int start = Math.Max(0, position - MaxElementLength);
        int before = start;
        string near = _text.ToString(start, position - start);
        for (int i = 0; i < near.Length; i += StringInfo.GetNextTextElementLength(near.AsSpan(i)))
        {
            before = start + i;
        }

        return before;
    }

    private int After(int position)
    {
        string near = _text.ToString(position, Math.Min(MaxElementLength, _text.Length - position));
        return position + StringInfo.GetNextTextElementLength(near);
    }

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

    private int WordAfter(int position)
    {
        while (position < _text.Length && _text[position] == ' ')
        {
            position++;
        }

        while (position < _text.Length && _text[position] != ' ')
        {
            position++;
        }

        return position;
    }
}
