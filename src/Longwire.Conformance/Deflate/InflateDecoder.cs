using System.Buffers.Binary;

namespace Longwire.Conformance;

/// <summary>
/// Inflates what the peer has compressed (RFC 1951, RFC 7692 §7.2.2), and is strict about it as zlib is not: a distance that reaches
/// beyond the negotiated window is a fault, and so is one that reaches into an earlier message without context takeover.
/// </summary>
internal sealed partial class InflateDecoder(int windowBits, bool noContextTakeover)
{
    private const int History = 32 * 1024;

    private static readonly ushort[] _lengthBases =
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

    private static readonly byte[] _lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static readonly ushort[] _distanceBases =
    [
        1,
        2,
        3,
        4,
        5,
        7,
        9,
        13,
        17,
        25,
        33,
        49,
        65,
        97,
        129,
        193,
        257,
        385,
        513,
        769,
        1025,
        1537,
        2049,
        3073,
        4097,
        6145,
        8193,
        12289,
        16385,
        24577,
    ];

    private static readonly byte[] _distanceBits =
    [
        0,
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
        6,
        6,
        7,
        7,
        8,
        8,
        9,
        9,
        10,
        10,
        11,
        11,
        12,
        12,
        13,
        13,
    ];

    private static readonly byte[] _codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly HuffmanTable _literals = new();
    private readonly HuffmanTable _distances = new();
    private readonly HuffmanTable _codeLengths = new();
    private readonly int _window = 1 << windowBits;

    // The bytes that may be referred to: the history at the start, the message behind it.
    private byte[] _output = new byte[2 * History];
    private int _historyLength;
    private int _position;
    private int _limit;

    private byte[] _input = [];
    private int _inputPosition;
    private ulong _bits;
    private int _bitCount;

    /// <summary>The farthest reference seen, over all messages.</summary>
    public int MaxDistance { get; private set; }

    /// <summary>Why the last message could not be inflated.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>Inflates one message, given without its last four octets.</summary>
    /// <returns>The message, or null: see <see cref="Fault"/>.</returns>
    public byte[]? Inflate(ReadOnlySpan<byte> payload, int maxBytes)
    {
        // The four octets that the sender left out, and eight more so that the bits can be read eight octets at a time.
        _input = new byte[payload.Length + 12];
        payload.CopyTo(_input);
        _input[payload.Length + 2] = 0xFF;
        _input[payload.Length + 3] = 0xFF;
        int end = payload.Length + 4;
        _inputPosition = 0;
        _bits = 0;
        _bitCount = 0;
        _position = _historyLength;
        _limit = maxBytes;
        Fault = "";

        while (_inputPosition - (_bitCount >> 3) < end)
        {
            if (!ReadBlock())
            {
                return null;
            }

            if (_inputPosition - (_bitCount >> 3) > end)
            {
                Fault = "The compressed data ends in the middle of a block.";
                return null;
            }
        }

        byte[] message = _output.AsSpan(_historyLength, _position - _historyLength).ToArray();
        Remember();
        return message;
    }

    private void Remember()
    {
        int keep = noContextTakeover ? 0 : Math.Min(_position, History);
        Buffer.BlockCopy(_output, _position - keep, _output, 0, keep);
        _historyLength = keep;
    }

    private bool ReadBlock()
    {
        Refill();
        bool final = (Take(1) & 1) != 0;
        bool good = Take(2) switch
        {
            0 => ReadStored(),
            1 => ReadCodes(HuffmanTable.FixedLiterals, HuffmanTable.FixedDistances),
            2 => ReadTables() && ReadCodes(_literals, _distances),
            _ => Fail("A block of the reserved type 3."),
        };

        // A final block ends on an octet; what comes behind it is a stream of its own (RFC 7692 §7.2.3.4).
        if (good && final)
        {
            _ = Take(_bitCount & 7);
        }

        return good;
    }

    private bool ReadStored()
    {
        _ = Take(_bitCount & 7);
        _inputPosition -= _bitCount >> 3;
        _bits = 0;
        _bitCount = 0;
        if (_inputPosition + 4 > _input.Length - 8)
        {
            return Fail("The compressed data ends in the middle of a block.");
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_input.AsSpan(_inputPosition));
        int complement = BinaryPrimitives.ReadUInt16LittleEndian(_input.AsSpan(_inputPosition + 2));
        _inputPosition += 4;
        if (length != (ushort)~complement)
        {
            return Fail("A stored block whose two lengths do not agree.");
        }

        if (_inputPosition + length > _input.Length - 8)
        {
            return Fail("The compressed data ends in the middle of a block.");
        }

        if (!Reserve(length))
        {
            return false;
        }

        _input.AsSpan(_inputPosition, length).CopyTo(_output.AsSpan(_position));
        _inputPosition += length;
        _position += length;
        return true;
    }

    private bool Copy(int distance, int length)
    {
        if (distance > _position)
        {
            return Fail(
                $"A distance of {distance} that reaches before the start{(noContextTakeover ? " of the message, without context takeover" : "")}."
            );
        }

        if (distance > _window)
        {
            return Fail($"A distance of {distance}, beyond the negotiated window of {_window}.");
        }

        MaxDistance = Math.Max(MaxDistance, distance);
        if (distance >= length)
        {
            _output.AsSpan(_position - distance, length).CopyTo(_output.AsSpan(_position));
        }
        else
        {
            for (int index = 0; index < length; index++)
            {
                _output[_position + index] = _output[_position + index - distance];
            }
        }

        _position += length;
        return true;
    }

    private bool Reserve(int count)
    {
        if (_position - _historyLength > _limit)
        {
            return Fail($"The message inflates to more than {_limit} octets.");
        }

        if (_bitCount <= 0 && _inputPosition >= _input.Length)
        {
            return Fail("The compressed data ends in the middle of a block.");
        }

        if (_output.Length - _position < count)
        {
            Array.Resize(ref _output, Math.Max(_output.Length * 2, _position + count));
        }

        return true;
    }

    /// <summary>Afterwards at least 48 bits are there, as long as there is input: enough for a length and a distance.</summary>
    private void Refill()
    {
        if (_inputPosition + 8 <= _input.Length)
        {
            _bits |= BinaryPrimitives.ReadUInt64LittleEndian(_input.AsSpan(_inputPosition)) << _bitCount;
            int octets = (63 - _bitCount) >> 3;
            _inputPosition += octets;
            _bitCount += octets << 3;
            return;
        }

        while (_bitCount <= 56 && _inputPosition < _input.Length)
        {
            _bits |= (ulong)_input[_inputPosition++] << _bitCount;
            _bitCount += 8;
        }
    }

    private int Take(int count)
    {
        int value = (int)(_bits & ((1UL << count) - 1));
        _bits >>= count;
        _bitCount -= count;
        return value;
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
