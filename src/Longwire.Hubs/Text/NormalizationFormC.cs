using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// Unicode's Normalization Form C (UAX #15). The base library normalises by ICU, and does nothing in a process without it
/// (<c>InvariantGlobalization</c>), which a small tool or a trimmed container is; names have to be the same there. The tables are those of
/// Unicode 14, read at the first name that is not plain; characters that are newer stay as they are.
/// </summary>
internal static class NormalizationFormC
{
    /// <summary>The first character that anything can change or combine with.</summary>
    private const char FirstOfInterest = '\u0300';

    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Tables> _all = new(Tables.Read);

    /// <summary>Brings text into the form.</summary>
    /// <param name="text">The text; Unicode, without halves of surrogate pairs.</param>
    public static string Normalize(string text)
    {
        Debug.Assert(JsonText.IsUnicode(text), "Half of a surrogate pair has no normal form.");
        if (text.AsSpan().IndexOfAnyInRange(FirstOfInterest, char.MaxValue) < 0)
        {
            return text;
        }

        var runes = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, runes);
        }

        Reorder(runes);
        Compose(runes);
        var normal = new StringBuilder(text.Length);
        foreach (int rune in runes)
        {
            normal.Append(new Rune(rune).ToString());
        }

        return normal.ToString();
    }

    private static void Decompose(int rune, List<int> into)
    {
        int syllable = rune - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            into.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            into.Add(VowelBase + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount != 0)
            {
                into.Add(TailBase + (syllable % TailCount));
            }
        }
        else if (_all.Value.Decompositions.TryGetValue(rune, out (int First, int Second) parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, into);
            }
        }
        else
        {
            into.Add(rune);
        }
    }

    /// <summary>Marks that follow one another stand in the order of their classes; those of one class keep theirs.</summary>
    private static void Reorder(List<int> runes)
    {
        for (int index = 1; index < runes.Count; index++)
        {
            int rune = runes[index];
            int itsClass = ClassOf(rune);
            int place = index;
            while (itsClass != 0 && place > 0 && ClassOf(runes[place - 1]) > itsClass)
            {
                runes[place] = runes[place - 1];
                place--;
            }

            runes[place] = rune;
        }
    }

    private static void Compose(List<int> runes)
    {
        int starter = -1;
        int lastClass = 0;
        int length = 0;
        for (int index = 0; index < runes.Count; index++)
        {
            int rune = runes[index];
            int itsClass = ClassOf(rune);
            bool isBlocked = starter < length - 1 && lastClass >= itsClass;
            if (starter >= 0 && !isBlocked && TryCompose(runes[starter], rune, out int composed))
            {
                runes[starter] = composed;
                continue;
            }

            if (itsClass == 0)
            {
                starter = length;
            }

            lastClass = itsClass;
            runes[length++] = rune;
        }

        runes.RemoveRange(length, runes.Count - length);
    }

    private static bool TryCompose(int first, int second, out int composed)
    {
        int lead = first - LeadBase;
        int vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            composed = HangulBase + (((lead * VowelCount) + vowel) * TailCount);
            return true;
        }

        int syllable = first - HangulBase;
        int tail = second - TailBase;
        if (syllable is >= 0 and < HangulCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            composed = first + tail;
            return true;
        }

        return _all.Value.Compositions.TryGetValue((first, second), out composed);
    }

    private static int ClassOf(int rune) => rune < FirstOfInterest ? 0 : _all.Value.Classes.GetValueOrDefault(rune);

    private sealed record Tables(
        FrozenDictionary<int, (int First, int Second)> Decompositions,
        FrozenDictionary<(int First, int Second), int> Compositions,
        FrozenDictionary<int, byte> Classes
    )
    {
        private const int ComposesFlag = 0x800000;

        /// <summary>
        /// The resource: the numbers of decompositions and of runs of combining classes, 2 bytes each; then for each decomposition the
        /// character, flagged when both parts compose again, and its parts, 3 bytes each; for each run its first character (3 bytes), its
        /// length (2) and the class (1). All little-endian.
        /// </summary>
        public static Tables Read()
        {
            using Stream resource = typeof(Tables).Assembly.GetManifestResourceStream("normalization.bin")!;
            byte[] bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            ReadOnlySpan<byte> rest = bytes;
            int decompositionCount = Take(ref rest, 2);
            int runCount = Take(ref rest, 2);
            var decompositions = new Dictionary<int, (int First, int Second)>();
            var compositions = new Dictionary<(int First, int Second), int>();
            var classes = new Dictionary<int, byte>();
            for (int count = 0; count < decompositionCount; count++)
            {
                int character = Take(ref rest, 3);
                (int First, int Second) parts = (Take(ref rest, 3), Take(ref rest, 3));
                decompositions.Add(character & ~ComposesFlag, parts);
                if ((character & ComposesFlag) != 0)
                {
                    compositions.Add(parts, character & ~ComposesFlag);
                }
            }

            for (int count = 0; count < runCount; count++)
            {
                int first = Take(ref rest, 3);
                int length = Take(ref rest, 2);
                byte itsClass = (byte)Take(ref rest, 1);
                for (int character = first; character < first + length; character++)
                {
                    classes.Add(character, itsClass);
                }
            }

            Debug.Assert(rest.IsEmpty, "The resource is as long as it says.");
            return new Tables(decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }

        private static int Take(ref ReadOnlySpan<byte> bytes, int count)
        {
            Span<byte> number = stackalloc byte[sizeof(int)];
            number.Clear();
            bytes[..count].CopyTo(number);
            bytes = bytes[count..];
            return BinaryPrimitives.ReadInt32LittleEndian(number);
        }
    }
}
