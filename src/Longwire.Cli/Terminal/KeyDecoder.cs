using System.Text;

namespace Longwire.Cli.Terminal;

/// <summary>
/// Turns the bytes of a terminal into keys and text: UTF-8, the sequences of xterm and its kin, and pasted text, which arrives between
/// ESC [ 200 ~ and ESC [ 201 ~.
/// </summary>
internal sealed class KeyDecoder
{
    /// <summary>The largest text that is pasted at once, in bytes: 64 MiB. Bytes beyond that are dropped.</summary>
    public const int MaxPasteBytes = 64 << 20;

    private const int MaxSequence = 16;

    private static readonly byte[] _pasteEnd = "\e[201~"u8.ToArray();

    private readonly List<byte> _waiting = [];
    private readonly MemoryStream _paste = new();
    private bool _isPasting;

    /// <summary>Whether an escape sequence has begun and not ended: the Escape key, unless more comes.</summary>
    public bool IsUndecided => !_isPasting && _waiting.Count > 0 && _waiting[0] == '\e';

    /// <summary>Takes bytes.</summary>
    /// <param name="bytes">The bytes from the terminal.</param>
    /// <param name="onKey">A key that is no text, or one character that was typed.</param>
    /// <param name="onPaste">Text that was pasted.</param>
    public void Take(ReadOnlySpan<byte> bytes, Action<ConsoleKeyInfo> onKey, Action<string> onPaste)
    {
        while (!bytes.IsEmpty)
        {
            if (_isPasting)
            {
                TakePaste(ref bytes, onPaste);
                continue;
            }

            _waiting.Add(bytes[0]);
            bytes = bytes[1..];
            Decode(onKey);
        }
    }

    /// <summary>Nothing more comes: what has begun is the Escape key.</summary>
    public void Decide(Action<ConsoleKeyInfo> onKey)
    {
        if (IsUndecided)
        {
            _waiting.Clear();
            onKey(Key(ConsoleKey.Escape));
        }
    }

    private void TakePaste(ref ReadOnlySpan<byte> bytes, Action<string> onPaste)
    {
        // All but a possible beginning of the end mark is text for sure, so whole pieces are taken at once.
        int end = bytes.IndexOf(_pasteEnd);
        int take = end >= 0 ? end + _pasteEnd.Length : bytes.Length;
        if (_paste.Length + take <= MaxPasteBytes)
        {
            _paste.Write(bytes[..take]);
        }
        else
        {
            // The tail is kept, as the mark may be split.
            _paste.SetLength(Math.Min(_paste.Length, MaxPasteBytes));
            _paste.Write(bytes[Math.Max(0, take - _pasteEnd.Length)..take]);
        }

        bytes = bytes[take..];
        ReadOnlySpan<byte> pasted = _paste.GetBuffer().AsSpan(0, (int)_paste.Length);
        if (pasted.EndsWith(_pasteEnd))
        {
            _isPasting = false;
            string text = Encoding.UTF8.GetString(pasted[..^_pasteEnd.Length]);
            _paste.SetLength(0);
            onPaste(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));
        }
    }

    private void Decode(Action<ConsoleKeyInfo> onKey)
    {
        byte first = _waiting[0];
        if (first == '\e')
        {
            DecodeEscape(onKey);
            return;
        }

        int length =
            first < 0x80 ? 1
            : first < 0xE0 ? 2
            : first < 0xF0 ? 3
            : 4;
        if (_waiting.Count < length)
        {
            return;
        }

        string text = Encoding.UTF8.GetString([.. _waiting]);
        _waiting.Clear();
        foreach (char letter in text)
        {
            onKey(letter < ' ' || letter == '\x7f' ? Control(letter) : Letter(letter));
        }
    }

    private void DecodeEscape(Action<ConsoleKeyInfo> onKey)
    {
        if (_waiting.Count == 1)
        {
            return;
        }

        byte second = _waiting[1];
        byte last = _waiting[^1];
        bool isSequence = second is (byte)'[' or (byte)'O';
        if (isSequence && _waiting.Count < MaxSequence && (_waiting.Count == 2 || last is < 0x40 or > 0x7E))
        {
            return;
        }

        string sequence = Encoding.Latin1.GetString([.. _waiting[1..]]);
        _waiting.Clear();
        if (sequence == "[200~")
        {
            _isPasting = true;
            return;
        }

        if (Named(sequence) is { } key)
        {
            onKey(key);
        }
    }

    private static ConsoleKeyInfo? Named(string sequence)
    {
        // CSI 1 ; MODIFIER LETTER, CSI NUMBER ; MODIFIER ~; a modifier is one more than Shift 1, Alt 2, Ctrl 4.
        bool control = sequence.Contains(";5", StringComparison.Ordinal) || sequence.Contains(";3", StringComparison.Ordinal);
        char last = sequence[^1];
        string number = sequence.Length > 2 ? sequence[1..^1].Split(';')[0] : "";
        return (sequence, last, number) switch
        {
            ("b", _, _) => Key(ConsoleKey.LeftArrow, control: true),
            ("f", _, _) => Key(ConsoleKey.RightArrow, control: true),
            ("d", _, _) => Key(ConsoleKey.Delete, control: true),
            ("\x7f", _, _) => Key(ConsoleKey.W, control: true),
            (_, 'A', _) => Key(ConsoleKey.UpArrow),
            (_, 'B', _) => Key(ConsoleKey.DownArrow),
            (_, 'C', _) => Key(ConsoleKey.RightArrow, control),
            (_, 'D', _) => Key(ConsoleKey.LeftArrow, control),
            (_, 'H', _) or (_, '~', "1" or "7") => Key(ConsoleKey.Home),
            (_, 'F', _) or (_, '~', "4" or "8") => Key(ConsoleKey.End),
            (_, '~', "3") => Key(ConsoleKey.Delete, control),
            _ => null,
        };
    }

    private static ConsoleKeyInfo Control(char letter) =>
        letter switch
        {
            '\r' or '\n' => Key(ConsoleKey.Enter),
            '\t' => Key(ConsoleKey.Tab),
            '\b' or '\x7f' => Key(ConsoleKey.Backspace),
            _ => new ConsoleKeyInfo(letter, ConsoleKey.A + (letter - 1), shift: false, alt: false, control: true),
        };

    private static ConsoleKeyInfo Letter(char letter) => new(letter, ConsoleKey.None, shift: false, alt: false, control: false);

    private static ConsoleKeyInfo Key(ConsoleKey key, bool control = false) => new('\0', key, shift: false, alt: false, control);
}
