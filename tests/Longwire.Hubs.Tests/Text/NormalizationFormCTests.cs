using System.Security.Cryptography;
using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>The hashes are those of what another implementation gives: Python's <c>unicodedata</c>, of Unicode 14.</summary>
public sealed class NormalizationFormCTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("\u212b", "\u00c5")] // The Ångström sign is the letter.
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323")]
    [InlineData("s\u0323\u0307", "\u1e69")]
    [InlineData("s\u0307\u0323", "\u1e69")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u0958", "\u0915\u093c")] // Excluded from composition.
    [InlineData("\ud83d\ude00e\u0301", "\ud83d\ude00\u00e9")]
    public void A_text_has_one_form(string text, string normal)
    {
        Assert.Equal(normal, NormalizationFormC.Normalize(text));
        Assert.Equal(normal, NormalizationFormC.Normalize(normal));
    }

    [Fact]
    public void Each_character_gets_the_form_that_another_implementation_gives_it()
    {
        var changed = new StringBuilder();
        int count = 0;
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (Rune.IsValid(value))
            {
                string text = new Rune(value).ToString();
                string normal = NormalizationFormC.Normalize(text);
                if (normal != text)
                {
                    changed.Append(text).Append(' ').Append(normal).Append('\n');
                    count++;
                }
            }
        }

        Assert.Equal((1120, "8d1f4e19dc40e65e87f22753b1bd81a4700eafb71f8c618ee2c948f26e4327d8"), (count, HashOf(changed)));
    }

    [Fact]
    public void Two_marks_behind_a_letter_get_the_form_that_another_implementation_gives_them()
    {
        string[] letters =
        [
            .. "aeouAEOUsyv\u00e4\u1112\uac00\u0928\u05d0\u0623\u03b1\u0431\ud804\udc99".EnumerateRunes().Select(rune => rune.ToString()),
        ];
        string[] marks =
        [
            .. Enumerable.Range(0x300, 0x70).Select(value => ((char)value).ToString()),
            "\u3099",
            "\u094d",
            "\u093c",
            "\u05b7",
            "\u0653",
            "\u1161",
            "\u11a8",
            "\ud804\udcba",
            "\u0345",
            "\u0591",
        ];
        var all = new StringBuilder();
        foreach (string letter in letters)
        {
            foreach (string first in marks)
            {
                foreach (string second in marks)
                {
                    all.Append(NormalizationFormC.Normalize(letter + first + second)).Append('\n');
                }
            }
        }

        Assert.Equal("2cb7559de02836d16c62163cda8b2fca504669312b4b838e9a18885547f179d0", HashOf(all));
    }

    private static string HashOf(StringBuilder text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
}
