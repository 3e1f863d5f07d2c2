using System.Text;

namespace Longwire.Protocol.Tests;

public sealed class Utf8ValidatorTests
{
    // Appends the pieces; returns the index of the piece that was refused, or -1.
    private static int Refused(IEnumerable<byte[]> pieces, out bool complete)
    {
        var validator = new Utf8Validator();
        int index = 0;
        foreach (byte[] piece in pieces)
        {
            if (!validator.Append(piece))
            {
                complete = false;
                return index;
            }

            index++;
        }

        complete = validator.IsComplete;
        return -1;
    }

    private static void AssertJudged(byte[] text)
    {
        int impossible = NaiveUtf8.FirstImpossible(text);
        bool valid = NaiveUtf8.IsValid(text);
        Assert.Equal(valid, Utf8Validator.IsValid(text));
        Assert.Equal(impossible, Refused(text.Select(value => new[] { value }), out bool complete));
        Assert.Equal(valid, impossible < 0 && complete);
        foreach (int length in (int[])[impossible, impossible + 1, text.Length])
        {
            if (length >= 0)
            {
                int expected = impossible >= 0 && impossible < length ? 0 : -1;
                Assert.Equal(expected, Refused([text[..length]], out _));
            }
        }
    }

    [Fact]
    public void Every_sequence_of_one_two_and_three_bytes_is_judged_as_the_strict_decoder_does()
    {
        byte[] edges = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF];
        for (int first = 0; first < 256; first++)
        {
            AssertJudged([(byte)first]);
            for (int second = 0; second < 256; second++)
            {
                byte[] two = [(byte)first, (byte)second];
                Assert.Equal(NaiveUtf8.IsValid(two), Utf8Validator.IsValid(two));
                foreach (byte third in edges)
                {
                    byte[] three = [(byte)first, (byte)second, third];
                    Assert.Equal(NaiveUtf8.IsValid(three), Utf8Validator.IsValid(three));
                }
            }
        }
    }

    [Fact]
    public void The_judge_of_these_tests_agrees_with_the_strict_decoder() =>
        Seeded.Run(
            200,
            random =>
            {
                byte[] text = RandomText(random, random.Next(1, 200));
                Mutate(text, random);
                var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
                Exception? refusal = Record.Exception(() => strict.GetCharCount(text));
                Assert.Equal(refusal is null, NaiveUtf8.IsValid(text));
            }
        );

    [Fact]
    public void Every_class_of_four_bytes_is_judged_as_the_strict_decoder_does_alone_and_by_vectors()
    {
        byte[] leads = [0x41, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF];
        byte[] others = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xF0];
        byte[] padded = new byte[200];
        Array.Fill(padded, (byte)'a');
        int turn = 0;
        foreach (byte first in leads)
        {
            foreach (byte second in others)
            {
                foreach (byte third in others)
                {
                    foreach (byte fourth in others)
                    {
                        byte[] four = [first, second, third, fourth];
                        bool valid = NaiveUtf8.IsValid(four);
                        Assert.True(valid == Utf8Validator.IsValid(four), Convert.ToHexString(four));
                        // Somewhere in a long text, so that it meets each lane of the vectors and their seams.
                        int at = turn++ % (padded.Length - 4);
                        four.CopyTo(padded, at);
                        Assert.True(valid == Utf8Validator.IsValid(padded), $"{Convert.ToHexString(four)} at {at}");
                        padded.AsSpan(at, 4).Fill((byte)'a');
                    }
                }
            }
        }
    }

    [Fact]
    public void Each_wrong_sequence_is_found_at_every_place_of_a_long_text()
    {
        string[] wrong =
        [
            "80",
            "C080",
            "C1BF",
            "E08080",
            "E09FBF",
            "EDA080",
            "EDBFBF",
            "F0808080",
            "F08FBFBF",
            "F4908080",
            "F5808080",
            "FF",
            "C241",
            "E28241",
            "F09F9841",
            "E282",
            "F09F98",
        ];
        foreach (string hex in wrong)
        {
            byte[] sequence = Convert.FromHexString(hex);
            foreach (string filler in (string[])["a", "é", "€", "😀"])
            {
                byte[] background = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(filler, 160)));
                int step = Encoding.UTF8.GetByteCount(filler);
                for (int at = 0; at <= 150; at += step)
                {
                    byte[] text = [.. background[..at], .. sequence, .. background[at..]];
                    Assert.False(Utf8Validator.IsValid(text), $"{hex} at {at} in {filler}");
                }
            }
        }
    }

    [Fact]
    public void The_part_that_holds_the_first_impossible_byte_is_refused_and_no_earlier_one() =>
        Seeded.Run(
            1500,
            random =>
            {
                byte[] text = RandomText(random, random.Next(1, 400));
                Mutate(text, random);
                int impossible = NaiveUtf8.FirstImpossible(text);
                IReadOnlyList<byte[]> pieces = Splits.Random(text, random);
                int refused = Refused(pieces, out bool complete);
                int expected = -1;
                for (int i = 0, end = 0; i < pieces.Count && impossible >= 0 && expected < 0; i++)
                {
                    end += pieces[i].Length;
                    expected = impossible < end ? i : -1;
                }

                Assert.Equal(expected, refused);
                Assert.Equal(NaiveUtf8.IsValid(text), refused < 0 && complete);
            }
        );

    [Fact]
    public void A_long_text_is_refused_with_its_first_impossible_byte_and_taken_up_to_it() =>
        Seeded.Run(
            150,
            random =>
            {
                byte[] text = RandomText(random, random.Next(200, 3000));
                Mutate(text, random);
                AssertJudged(text);
            }
        );

    [Fact]
    public void A_valid_text_is_taken_however_it_is_cut() =>
        Seeded.Run(
            40,
            random =>
            {
                byte[] text = RandomText(random, 200);
                for (int cut = 0; cut <= text.Length; cut++)
                {
                    Assert.Equal(-1, Refused([text[..cut], text[cut..]], out bool complete));
                    Assert.True(complete);
                }

                for (int length = 0; length <= text.Length; length++)
                {
                    Assert.Equal(-1, Refused([text[..length]], out bool complete));
                    Assert.Equal(NaiveUtf8.IsValid(text.AsSpan(0, length)), complete);
                }
            }
        );

    [Fact]
    public void A_text_that_ends_inside_a_character_is_possible_but_not_complete()
    {
        var validator = new Utf8Validator();
        Assert.True(validator.Append([0xF0, 0x9F]));
        Assert.False(validator.IsComplete);
        validator.Reset();
        Assert.True(validator.IsComplete);
        Assert.True(validator.Append("plain"u8));
    }

    // Runs of one kind of character, so that blocks of ASCII and blocks of others follow each other in all ways.
    private static byte[] RandomText(Random random, int length)
    {
        var text = new StringBuilder();
        // Enough characters for the shortest encoding; the longer ones make it longer.
        while (text.Length < length)
        {
            int kind = random.Next(4);
            for (int run = random.Next(1, 90); run > 0; run--)
            {
                int rune = kind switch
                {
                    0 => random.Next(0x80),
                    1 => random.Next(0x80, 0x800),
                    2 => random.Next(2) == 0 ? random.Next(0x800, 0xD800) : random.Next(0xE000, 0x10000),
                    _ => random.Next(0x10000, 0x110000),
                };
                text.Append(char.ConvertFromUtf32(rune));
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Mutate(byte[] text, Random random)
    {
        for (int count = random.Next(3); count > 0; count--)
        {
            int at = random.Next(text.Length);
            text[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(text[at] ^ (1 << random.Next(8))),
                _ => (byte)random.Next(0x80, 0xC0),
            };
        }
    }
}
