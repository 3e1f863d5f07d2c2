namespace Longwire.Conformance;

// A block of dynamic codes: its tables, and the symbols behind them.
internal sealed partial class InflateDecoder
{
    private bool ReadTables()
    {
        Refill();
        int literals = Take(5) + 257;
        int distances = Take(5) + 1;
        int codes = Take(4) + 4;
        if (literals > 286 || distances > 30)
        {
            return Fail("A dynamic block with too many codes.");
        }

        Span<byte> lengths = stackalloc byte[320];
        lengths.Clear();
        for (int index = 0; index < codes; index++)
        {
            Refill();
            lengths[_codeLengthOrder[index]] = (byte)Take(3);
        }

        if (!_codeLengths.TryBuild(lengths[..19]))
        {
            return Fail("A dynamic block whose code lengths are no code.");
        }

        lengths.Clear();

        int filled = 0;
        while (filled < literals + distances)
        {
            Refill();
            int symbol = _codeLengths.Decode(_bits, out int bits);
            if (bits == 0)
            {
                return Fail("A code length that is none.");
            }

            _ = Take(bits);
            if (symbol < 16)
            {
                lengths[filled++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && filled == 0)
            {
                return Fail("A repeat without a length before it.");
            }

            byte value = symbol == 16 ? lengths[filled - 1] : (byte)0;
            int repeat = symbol switch
            {
                16 => 3 + Take(2),
                17 => 3 + Take(3),
                _ => 11 + Take(7),
            };
            if (filled + repeat > literals + distances)
            {
                return Fail("Code lengths beyond their number.");
            }

            lengths.Slice(filled, repeat).Fill(value);
            filled += repeat;
        }

        if (lengths[256] == 0)
        {
            return Fail("A dynamic block that can't end.");
        }

        return (_literals.TryBuild(lengths[..literals]) && _distances.TryBuild(lengths.Slice(literals, distances)))
            || Fail("A dynamic block whose lengths are no code.");
    }

    private bool ReadCodes(HuffmanTable literals, HuffmanTable distances)
    {
        while (true)
        {
            if (!Reserve(258))
            {
                return false;
            }

            Refill();
            int symbol = literals.Decode(_bits, out int bits);
            if (bits == 0)
            {
                return Fail("An octet code that is none.");
            }

            _ = Take(bits);
            if (symbol < 256)
            {
                _output[_position++] = (byte)symbol;
                continue;
            }

            if (symbol == 256)
            {
                return true;
            }

            if (_inputPosition >= _input.Length && _bitCount <= 0)
            {
                return Fail("The compressed data ends in the middle of a block.");
            }

            symbol -= 257;
            if (symbol >= _lengthBases.Length)
            {
                return Fail("A length code that is none.");
            }

            int length = _lengthBases[symbol] + Take(_lengthBits[symbol]);
            int code = distances.Decode(_bits, out bits);
            if (bits == 0 || code >= _distanceBases.Length)
            {
                return Fail("A distance code that is none.");
            }

            _ = Take(bits);
            int distance = _distanceBases[code] + Take(_distanceBits[code]);
            if (!Copy(distance, length))
            {
                return false;
            }
        }
    }
}
