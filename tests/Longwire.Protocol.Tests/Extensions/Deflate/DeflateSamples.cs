using System.Buffers;
using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>Messages to compress, and the short ways to do it.</summary>
internal static class DeflateSamples
{
    /// <summary>JSON of about that size; the same seed gives the same.</summary>
    public static byte[] Json(int seed, int length)
    {
        var random = new Random(seed);
        var text = new StringBuilder("{\"type\":\"message\",\"room\":\"general\",\"items\":[");
        while (text.Length < length)
        {
            string online = random.Next(2) == 0 ? "true" : "false";
            text.Append($"{{\"id\":{random.Next(1_000_000)},\"user\":\"user{random.Next(100)}\",\"online\":{online}}},");
        }

        return Encoding.UTF8.GetBytes(text.ToString(), 0, length);
    }

    /// <summary>Something between zeros, JSON and noise.</summary>
    public static byte[] Any(Random random, int maxLength)
    {
        byte[] message = new byte[random.Next(4) == 0 ? random.Next(8) : random.Next(maxLength + 1)];
        int kind = random.Next(4);
        if (kind == 0)
        {
            random.NextBytes(message);
        }
        else if (kind == 1)
        {
            return Json(random.Next(), message.Length);
        }
        else if (kind == 2)
        {
            for (int i = 0; i < message.Length; i++)
            {
                message[i] = (byte)(random.Next(40) == 0 ? random.Next(256) : 'a' + (i % 7));
            }
        }

        return message;
    }

    public static byte[] Deflate(this MessageDeflater deflater, ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(deflater.Deflate(message, output), output.WrittenCount);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The message, or null when the status is not Ok.</summary>
    public static byte[]? Inflate(this MessageInflater inflater, ReadOnlySpan<byte> payload, long max = long.MaxValue) =>
        inflater.Inflate(payload, max, out byte[] message) == InflateStatus.Ok ? message : null;

    public static InflateStatus Inflate(this MessageInflater inflater, ReadOnlySpan<byte> payload, long max, out byte[] message)
    {
        var output = new ArrayBufferWriter<byte>();
        InflateStatus status = inflater.Inflate(payload, endOfMessage: true, max, output);
        message = output.WrittenSpan.ToArray();
        return status;
    }

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
