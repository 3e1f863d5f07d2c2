using System.Buffers;

namespace Longwire.Fuzzing;

/// <summary>Streams of frames as a peer might send them: mostly right, sometimes wrong where a receiver looks.</summary>
internal sealed class FrameGrammar(WebSocketRole receiver, bool deflate, bool takeover, int windowBits, Random random)
{
    private readonly List<byte> _stream = [];

    public byte[] Stream()
    {
        using MessageDeflater? deflater = deflate
            ? new MessageDeflater(new CompressorSettings(Math.Max(windowBits, 9), random.Next(10), random.Next(1, 10)), takeover)
            : null;
        for (int messages = random.Next(1, 6); messages > 0; messages--)
        {
            Controls();
            Message(deflater);
        }

        if (random.Next(3) == 0)
        {
            Close();
        }

        Controls();
        return [.. _stream];
    }

    private void Message(MessageDeflater? deflater)
    {
        bool text = random.Next(2) == 0;
        byte[] payload =
            text ? random.Text(30)
            : random.Next(3) == 0 ? DeflateSamples.Any(random, 600)
            : random.Bytes(random.Length());
        bool compressed = deflater is not null && random.Next(4) != 0;
        if (compressed)
        {
            payload = deflater!.Deflate(payload);
            if (random.Next(8) == 0)
            {
                payload = Mutator.Mutate(payload, payload, random);
            }
            else if (random.Next(8) == 0)
            {
                payload = Bomb(random.Next(1, 60_000));
            }
        }

        IReadOnlyList<byte[]> fragments = random.Next(2) == 0 ? [payload] : [.. Splits.Random(payload, random).Take(40)];
        for (int i = 0; i < fragments.Count; i++)
        {
            bool fin = i == fragments.Count - 1;
            int opcode =
                i != 0 ? 0
                : text ? 1
                : 2;
            Frame(opcode, fragments[i], fin, compressed && i == 0 ? 4 : 0);
            if (i % 8 == 0)
            {
                Controls();
            }
        }
    }

    private byte[] Bomb(int length)
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: false);
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(new byte[length], output);
        return output.WrittenSpan.ToArray();
    }

    private void Controls()
    {
        while (random.Next(4) == 0)
        {
            Frame(random.Next(9, 11), random.Bytes(random.Next(2) == 0 ? random.Next(128) : random.Next(4)), fin: random.Next(40) != 0, 0);
        }
    }

    private void Close()
    {
        byte[] payload = random.Next(5) switch
        {
            0 => [],
            1 => random.Bytes(random.Next(5)),
            2 => [3, 232, .. random.Text(12)],
            3 => Wire.ClosePayload(random.Pick(999, 1000, 1004, 1005, 1006, 1014, 1015, 2999, 3000, 4999, 5000), "Grüße"),
            _ => Wire.ClosePayload(random.Next(995, 1020), "bye"),
        };
        Frame(8, payload, fin: true, 0);
    }

    private void Frame(int opcode, byte[] payload, bool fin, int reserved)
    {
        bool masked = receiver == WebSocketRole.Server;
        int form = 0;
        switch (random.Next(120))
        {
            case 0:
                masked = !masked;
                break;
            case 1:
                form = 16;
                break;
            case 2:
                form = 64;
                break;
            case 3:
                reserved = random.Next(8);
                break;
            case 4:
                opcode = random.Next(16);
                break;
            case 5:
                fin = !fin;
                break;
            case 6:
                byte[] header = Wire.Header(
                    opcode,
                    random.Pick(long.MaxValue, -1L, 1L << 31, (1L << 31) - 1, 1L << 30, 1L << 32, 1L << 20, (1L << 20) + 1),
                    fin,
                    reserved,
                    masked ? Wire.Key : null
                );
                _stream.AddRange(header);
                break;
        }

        _stream.AddRange(Wire.Frame(opcode, payload, fin, reserved, masked ? random.Bytes(4) : null, form));
    }
}
