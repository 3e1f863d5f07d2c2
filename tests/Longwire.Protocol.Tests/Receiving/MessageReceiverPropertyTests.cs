using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>The receiver beside the naive one, on random streams of frames, damaged at random and cut at random.</summary>
public sealed class MessageReceiverPropertyTests
{
    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void After_every_piece_the_same_is_found_as_the_naive_receiver_finds(WebSocketRole role) =>
        Seeded.Run(
            500,
            random =>
            {
                ReceiverLimits limits = random.Next(4) switch
                {
                    0 => new ReceiverLimits { MaxMessageBytes = random.Next(1, 300) },
                    1 => new ReceiverLimits { MaxFragments = random.Next(1, 6) },
                    _ => ReceiverLimits.Default,
                };
                byte[] stream = RandomStream(role, random);
                if (random.Next(2) == 0)
                {
                    Damage(stream, random);
                }

                var receiver = new MessageReceiver(role, limits);
                var found = new List<string>();
                int arrived = 0;
                foreach (byte[] piece in Splits.Random(stream, random))
                {
                    Transcript.Feed(ref receiver, piece, found);
                    arrived += piece.Length;
                    // The naive receiver begins anew each time: beside a long stream it is asked now and then.
                    if (stream.Length > 300 && arrived != stream.Length && random.Next(stream.Length) > 200)
                    {
                        continue;
                    }

                    Assert.Equal(NaiveReceiver.Transcript(role, stream[..arrived], limits), found);
                }

                receiver.End();
            }
        );

    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void Noise_never_does_more_than_break_a_rule(WebSocketRole role) =>
        Seeded.Run(
            500,
            random =>
            {
                byte[] noise = new byte[random.Next(1, 200)];
                random.NextBytes(noise);
                Assert.Equal(
                    NaiveReceiver.Transcript(role, noise, ReceiverLimits.Default),
                    Transcript.Of(role, Splits.Random(noise, random))
                );
            }
        );

    internal static byte[] RandomStream(WebSocketRole role, Random random)
    {
        var stream = new List<byte>();
        for (int messages = random.Next(1, 6); messages > 0; messages--)
        {
            AddControls(stream, role, random);
            bool text = random.Next(2) == 0;
            byte[] payload = text ? RandomText(random) : RandomBytes(random, RandomLength(random));
            IReadOnlyList<byte[]> fragments = random.Next(2) == 0 ? [payload] : [.. Splits.Random(payload, random).Take(50)];
            for (int i = 0; i < fragments.Count; i++)
            {
                bool fin = i == fragments.Count - 1;
                stream.AddRange(
                    Wire.Frame(
                        i != 0 ? 0
                            : text ? 1
                            : 2,
                        fragments[i],
                        fin,
                        key: role == WebSocketRole.Server ? RandomBytes(random, 4) : null
                    )
                );
                AddControls(stream, role, random);
            }
        }

        if (random.Next(3) == 0)
        {
            byte[] payload = random.Next(4) switch
            {
                0 => [],
                1 => RandomBytes(random, random.Next(5)),
                _ => Wire.ClosePayload(random.Next(995, 1020), "Grüße"),
            };
            stream.AddRange(Wire.To(role, 8, payload));
        }

        AddControls(stream, role, random);
        return [.. stream];
    }

    private static void AddControls(List<byte> stream, WebSocketRole role, Random random)
    {
        while (random.Next(4) == 0)
        {
            stream.AddRange(
                Wire.To(role, random.Next(9, 11), RandomBytes(random, random.Next(2) == 0 ? random.Next(126) : random.Next(4)))
            );
        }
    }

    private static int RandomLength(Random random) =>
        random.Next(12) switch
        {
            0 => 125,
            1 => 126,
            2 => 127,
            3 => random.Next(100) == 0 ? 65535 + random.Next(2) : 300,
            _ => random.Next(80),
        };

    private static byte[] RandomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] RandomText(Random random)
    {
        var text = new StringBuilder();
        string[] pieces = ["a", "é", "€", "😀", "plain words and no more than that "];
        for (int count = random.Next(40); count > 0; count--)
        {
            text.Append(pieces[random.Next(pieces.Length)]);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Damage(byte[] stream, Random random)
    {
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            int at = random.Next(2) == 0 ? random.Next(Math.Min(stream.Length, 16)) : random.Next(stream.Length);
            stream[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(stream[at] ^ (1 << random.Next(8)));
        }
    }
}
