using Longwire.Cli.Terminal;

namespace Longwire.Cli.Tests;

public sealed class LineEditorTests
{
    private readonly StringWriter _screen = new();
    private readonly LineEditor _editor;
    private int _width = 80;

    public LineEditorTests() => _editor = new LineEditor(_screen, () => _width);

    [Fact]
    public void What_is_typed_is_the_line()
    {
        Type("hello");
        Assert.Equal("hello", Enter());
        Assert.EndsWith("\r\e[K> hello\r\n", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_can_be_taken_away_and_put_back_with_the_cursor_where_it_was()
    {
        Type("hello");
        Press(ConsoleKey.LeftArrow);
        _screen.GetStringBuilder().Clear();
        _editor.Hide();
        _screen.Write("< a message\n");
        _editor.Show();
        Assert.Equal("\r\e[K< a message\n\r\e[K> hello\e[1D", _screen.ToString());
    }

    [Fact]
    public void Keys_move_and_remove()
    {
        Type("one two three");
        Press(ConsoleKey.W, control: true); // one two
        Press(ConsoleKey.Home);
        Press(ConsoleKey.Delete); // ne two
        Press(ConsoleKey.RightArrow);
        Type("i"); // nie two
        Press(ConsoleKey.End);
        Press(ConsoleKey.Backspace);
        Press(ConsoleKey.Backspace); // nie tw
        Press(ConsoleKey.A, control: true);
        Press(ConsoleKey.D, control: true); // ie tw
        Press(ConsoleKey.E, control: true);
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.K, control: true); // ie t
        Assert.Equal("ie t", Enter());
        Type("gone");
        Press(ConsoleKey.U, control: true);
        Assert.Equal("", Enter());
    }

    [Fact]
    public void Keys_at_the_ends_do_nothing()
    {
        foreach (
            ConsoleKey key in new[]
            {
                ConsoleKey.Backspace,
                ConsoleKey.Delete,
                ConsoleKey.LeftArrow,
                ConsoleKey.RightArrow,
                ConsoleKey.UpArrow,
                ConsoleKey.DownArrow,
                ConsoleKey.F1,
                ConsoleKey.Escape,
            }
        )
        {
            Press(key);
        }

        Assert.Equal("", Enter());
    }

    [Fact]
    public void A_character_of_two_halves_is_moved_over_and_removed_as_one()
    {
        Type("a😀b");
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.LeftArrow);
        Type("x");
        Press(ConsoleKey.RightArrow);
        Press(ConsoleKey.Backspace);
        Assert.Equal("axb", Enter());
    }

    [Theory]
    [InlineData("漢字 🎉", 3, 5, "漢|字 🎉")] // a wide symbol, a space, a wide sign
    [InlineData("e\u0301a", 2, 2, "|e\u0301a")] // the accent is no cell of its own
    [InlineData("a👨‍👩‍👧‍👦!", 2, 3, "a|👨‍👩‍👧‍👦!")] // one family is one step
    [InlineData("a🇩🇪x", 2, 3, "a|🇩🇪x")]
    [InlineData("ｱｲ", 1, 1, "ｱ|ｲ")] // halfwidth
    public void The_cursor_moves_by_what_is_seen_as_one_and_by_its_cells(string text, int steps, int cells, string line)
    {
        Type(text);
        for (int i = 0; i < steps; i++)
        {
            Press(ConsoleKey.LeftArrow);
        }

        Assert.EndsWith($"> {text}\e[{cells}D", _screen.ToString(), StringComparison.Ordinal);
        Type("|");
        Assert.Equal(line, Enter());
    }

    [Fact]
    public void Lines_typed_before_come_back_with_the_arrows()
    {
        Type("first");
        Enter();
        Type("second");
        Enter();
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        Assert.Equal("first", Enter());
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.DownArrow);
        Press(ConsoleKey.DownArrow);
        Assert.Equal("", Enter());
    }

    [Fact]
    public void A_line_longer_than_the_row_never_leaves_it()
    {
        _width = 12; // the prompt, nine characters and the cursor
        Type("abcdefghijklmnop");
        Assert.EndsWith("\r\e[K> hijklmnop", _screen.ToString(), StringComparison.Ordinal);
        Press(ConsoleKey.Home);
        Assert.EndsWith("\r\e[K> abcdefghi\e[9D", _screen.ToString(), StringComparison.Ordinal);
        Assert.Equal("abcdefghijklmnop", Enter());
    }

    [Fact]
    public void Ctrl_D_on_an_empty_line_is_the_end() =>
        Assert.Equal(LineEdit.End, _editor.Take(new ConsoleKeyInfo('\u0004', ConsoleKey.D, shift: false, alt: false, control: true)));

    private void Type(string text)
    {
        foreach (char letter in text)
        {
            Assert.Equal(
                LineEdit.Goes,
                _editor.Take(new ConsoleKeyInfo(letter, ConsoleKey.None, shift: false, alt: false, control: false))
            );
        }
    }

    private void Press(ConsoleKey key, bool control = false) =>
        Assert.Equal(LineEdit.Goes, _editor.Take(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control)));

    private string Enter()
    {
        Assert.Equal(LineEdit.Line, _editor.Take(new ConsoleKeyInfo('\r', ConsoleKey.Enter, shift: false, alt: false, control: false)));
        return _editor.Line;
    }
}
