namespace Longwire.Protocol.Tests;

/// <summary>
/// RFC 1951 bit by bit, and RFC 7692 §7.2.2 on top: the slow oracle for what is a message and what is not. It keeps everything it has
/// ever written as its window and reports the greatest distance that was referred to.
/// </summary>
internal sealed class NaiveInflater
{
    private static readonly int[] _lengthBase =
    [
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        13,
        15,
        17,
        19,
        23,
        27,
        31,
        35,
        43,
        51,
        59,
        67,
        83,
        99,
        115,
        131,
        163,
        195,
        227,
        258,
    ];

    private static readonly int[] _lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static readonly int[] _order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly List<byte> _window = [];
    private byte[] _bits = [];
    private int _position;
    private int _end;
    private int _tailStart;
    private int _messageStart;
    private bool _wroteInTail;

    private sealed class BadDataException : Exception;

    /// <summary>The greatest distance since the last <see cref="Forget"/>.</summary>
    public int MaxDistance { get; private set; }

    /// <summary>The greatest distance ever.</summary>
    public int MaxDistanceEver { get; private set; }

    public void Forget()
    {
        _window.Clear();
        MaxDistance = 0;
    }

    /// <summary>The message, or null when it is not one.</summary>
    public byte[]? Inflate(ReadOnlySpan<byte> payload)
    {
        _bits = [.. payload, 0x00, 0x00, 0xFF, 0xFF];
        _position = 0;
        _end = _bits.Length * 8;
        _tailStart = payload.Length * 8;
        _messageStart = _window.Count;
        _wroteInTail = false;
        var message = new List<byte>();
        if (payload.IsEmpty)
        {
            return [];
        }

        try
        {
            while (true)
            {
                bool final = Take(1) == 1;
                Block(Take(2));
                int aligned = (_position + 7) / 8 * 8;
                if (aligned == _end)
                {
                    message.AddRange(_window.Skip(_messageStart));
                    if (final)
                    {
                        _window.Clear();
                    }

                    return _wroteInTail ? null : [.. message];
                }

                if (!final)
                {
                    continue;
                }

                message.AddRange(_window.Skip(_messageStart));
                _window.Clear();
                _messageStart = 0;
                _position = aligned;
                if (_position == _tailStart)
                {
                    return [.. message];
                }
            }
        }
        catch (BadDataException)
        {
            return null;
        }
    }

    private int Take(int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++)
        {
            if (_position >= _end)
            {
                throw new BadDataException();
            }

            value |= ((_bits[_position / 8] >> (_position % 8)) & 1) << i;
            _position++;
        }

        return value;
    }

    private void Write(byte value)
    {
        _window.Add(value);
        _wroteInTail |= _position > _tailStart;
    }

    private void Block(int type)
    {
        if (type == 0)
        {
            Stored();
        }
        else if (type == 1)
        {
            Coded(
                new Code([
                    .. Enumerable.Repeat(8, 144),
                    .. Enumerable.Repeat(9, 112),
                    .. Enumerable.Repeat(7, 24),
                    .. Enumerable.Repeat(8, 8),
                ]),
                new Code([.. Enumerable.Repeat(5, 32)])
            );
        }
        else if (type == 2)
        {
            Dynamic();
        }
        else
        {
            throw new BadDataException();
        }
    }

    private void Stored()
    {
        _position = (_position + 7) / 8 * 8;
        int length = Take(16);
        if (Take(16) != (~length & 0xFFFF))
        {
            throw new BadDataException();
        }

        for (int i = 0; i < length; i++)
        {
            Write((byte)Take(8));
        }
    }

    private void Dynamic()
    {
        int literals = Take(5) + 257;
        int distances = Take(5) + 1;
        int count = Take(4) + 4;
        if (literals > 286 || distances > 30)
        {
            throw new BadDataException();
        }

        int[] lengths = new int[19];
        for (int i = 0; i < count; i++)
        {
            lengths[_order[i]] = Take(3);
        }

        var code = new Code(lengths);
        code.Require(incompleteAllowed: false);
        var all = new List<int>();
        while (all.Count < literals + distances)
        {
            int symbol = Decode(code);
            if (symbol == 16 && all.Count == 0)
            {
                throw new BadDataException();
            }

            (int value, int repeat) = symbol switch
            {
                16 => (all[^1], 3 + Take(2)),
                17 => (0, 3 + Take(3)),
                18 => (0, 11 + Take(7)),
                _ => (symbol, 1),
            };
            all.AddRange(Enumerable.Repeat(value, repeat));
        }

        if (all.Count > literals + distances || all[256] == 0)
        {
            throw new BadDataException();
        }

        var literal = new Code([.. all.Take(literals)]);
        var distance = new Code([.. all.Skip(literals)]);
        literal.Require(incompleteAllowed: true);
        distance.Require(incompleteAllowed: true);
        Coded(literal, distance);
    }

    private void Coded(Code literal, Code distance)
    {
        while (true)
        {
            int symbol = Decode(literal);
            if (symbol == 256)
            {
                return;
            }

            if (symbol < 256)
            {
                Write((byte)symbol);
                continue;
            }

            if (symbol > 285)
            {
                throw new BadDataException();
            }

            int length = _lengthBase[symbol - 257] + Take(_lengthExtra[symbol - 257]);
            int code = Decode(distance);
            if (code > 29)
            {
                throw new BadDataException();
            }

            int extra = code < 2 ? 0 : (code / 2) - 1;
            int back = code < 2 ? code + 1 : 1 + ((2 + (code & 1)) << extra) + Take(extra);
            MaxDistance = Math.Max(MaxDistance, back);
            MaxDistanceEver = Math.Max(MaxDistanceEver, back);
            if (back > _window.Count)
            {
                throw new BadDataException();
            }

            for (int i = 0; i < length; i++)
            {
                Write(_window[^back]);
            }
        }
    }

    private int Decode(Code code)
    {
        int value = 0;
        for (int length = 1; length <= 15; length++)
        {
            value = (value << 1) | Take(1);
            if (code.Symbols.TryGetValue((length, value), out int symbol))
            {
                return symbol;
            }
        }

        throw new BadDataException();
    }

    /// <summary>A canonical Huffman code.</summary>
    private sealed class Code
    {
        private readonly int _left = 1 << 15;
        private readonly int _longest;

        public Code(int[] lengths)
        {
            int next = 0;
            for (int length = 1; length <= 15; length++)
            {
                for (int symbol = 0; symbol < lengths.Length; symbol++)
                {
                    if (lengths[symbol] != length)
                    {
                        continue;
                    }

                    Symbols.TryAdd((length, next++), symbol);
                    _left -= 1 << (15 - length);
                    _longest = length;
                }

                next <<= 1;
            }
        }

        public Dictionary<(int Length, int Value), int> Symbols { get; } = [];

        // zlib's rule: never more codes than fit; fewer only when the longest has one bit (or none).
        public void Require(bool incompleteAllowed)
        {
            if (_left < 0 || (_left > 0 && !(incompleteAllowed && _longest <= 1) && !(Symbols.Count == 0 && incompleteAllowed)))
            {
                throw new BadDataException();
            }
        }
    }
}
