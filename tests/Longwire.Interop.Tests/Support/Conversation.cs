using System.Text;

namespace Longwire.Interop.Tests;

/// <summary>
/// Messages in whose sizes on the wire it shows whether they were compressed, and whether with the context of the ones before; the same as
/// the peers make them.
/// </summary>
internal static class Conversation
{
    /// <summary>The messages.</summary>
    public static readonly (MessageType Type, byte[] Payload)[] Messages =
    [
        (MessageType.Text, Alike(0)),
        (MessageType.Text, Alike(1)),
        (MessageType.Binary, Noise(NoiseBytes)),
        (MessageType.Binary, Noise(NoiseBytes)),
        (MessageType.Binary, Noise(100)),
        (MessageType.Text, Payload.Create("text", 70_000)),
        (MessageType.Text, []),
        (MessageType.Binary, Payload.Create("binary", 40_000)),
        (MessageType.Text, Alike(2)),
    ];

    /// <summary>The first message: it compresses well, and is shorter than npm's threshold.</summary>
    public const int Compressible = 0;

    /// <summary>The message that compresses only by the one before it, whose copy it is.</summary>
    public const int Repeated = 3;

    /// <summary>The length of that; a window of 12 bits spans it, one of 10 or 11 doesn't.</summary>
    public const int NoiseBytes = 3000;

    private static byte[] Alike(int number) =>
        Encoding.UTF8.GetBytes($$"""{"number":{{number}},"text":"{{string.Concat(Enumerable.Repeat("the same and ", 50))}}"}""");

    private static byte[] Noise(int size)
    {
        byte[] noise = new byte[size];
        uint state = 1;
        for (int i = 0; i < size; i++)
        {
            state = (state * 1103515245) + 12345;
            noise[i] = (byte)(state >> 24);
        }

        return noise;
    }
}
