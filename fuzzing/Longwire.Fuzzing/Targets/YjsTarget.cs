using Longwire.Yjs;

namespace Longwire.Fuzzing;

/// <summary>
/// Yjs updates, one after the other into one document, beside <see cref="NaiveYjs"/>. Legal outcomes: both take an update or neither does;
/// the document has the clocks, with the content that came first, and the deleted ones that the naive one has; what it writes is an update
/// that says the same; the difference to a state vector holds what lies behind it and nothing else; any order of what it writes makes the
/// same bytes.
/// </summary>
internal sealed class YjsTarget : FuzzTarget
{
    private const int MostUpdates = 6;

    public override string Name => "yjs";

    public override byte[] Generate(Random random)
    {
        var input = new List<byte>();
        Add(input, YjsGrammar.Vector(random));
        for (int updates = random.Next(1, MostUpdates); updates > 0; updates--)
        {
            byte[] update = YjsGrammar.Update(random);
            Add(input, random.Next(4) == 0 ? Mutator.Mutate(update, update, random) : update);
        }

        return [.. input];
    }

    public override string Check(byte[] input)
    {
        var reader = new InputReader(input);
        byte[] vector = reader.Bytes(reader.Short());
        var document = new YjsDocument();
        var joined = new YjsDocument(joinsStructs: true);
        var naive = new NaiveYjs();
        int taken = 0;
        string refusals = "";
        for (int updates = 0; updates < MostUpdates && !reader.AtEnd; updates++)
        {
            byte[] update = reader.Bytes(reader.Short());
            bool isTaken = document.TryApply(update, out YjsError? error);
            Require(isTaken == naive.TryApply(update), $"Judged otherwise than by the naive one: {error?.ToString() ?? "taken"}");
            Require(isTaken == joined.TryApply(update, out _), "Judged otherwise where structs are joined");
            Require(isTaken || error!.Offset <= update.Length, "The error lies behind the end");
            taken += isTaken ? 1 : 0;
            refusals += isTaken ? "" : error!.Message;
        }

        byte[] state = document.EncodeState();
        Require(YjsUpdate.IsValid(state, out YjsError? invalid), $"What was written can't be read: {invalid}");
        // Only the flag of a key may differ, which Yjs writes where it cuts, and clears where it reads: the second time nothing does.
        Require(
            YjsUpdate.TryMerge([state, YjsUpdate.Empty], out byte[]? again, out _) && again.Length == state.Length,
            "Written again it differs"
        );
        Require(
            YjsUpdate.TryMerge([again, YjsUpdate.Empty], out byte[]? oncemore, out _) && oncemore.AsSpan().SequenceEqual(again),
            "Written once more it differs"
        );
        if (!naive.IsBlind)
        {
            CheckState(state, naive);
            CheckVector(document.EncodeStateVector(), naive);
            CheckState(joined.EncodeState(), naive);
            CheckVector(joined.EncodeStateVector(), naive);
        }

        bool isVector = document.TryEncodeDifference(vector, out byte[]? difference, out _);
        if (isVector)
        {
            Require(YjsUpdate.TryMerge([state, difference!], out byte[]? merged, out _), "The difference can't be read");
            Require(merged.AsSpan().SequenceEqual(again), "The difference says something that the document doesn't");
            bool isVectorToo = joined.TryEncodeDifference(vector, out byte[]? joinedDifference, out _);
            Require(isVectorToo, "A vector that can't be read where structs are joined");
            if (!naive.IsBlind)
            {
                CheckDifference(difference!, vector, naive);
                CheckDifference(joinedDifference!, vector, naive);
            }
        }

        return $"{taken} taken, holes {document.HoleCount > 0}, vector {isVector}, blind {naive.IsBlind}, {refusals}";
    }

    private static void Add(List<byte> input, byte[] piece)
    {
        input.Add((byte)piece.Length);
        input.Add((byte)(piece.Length >> 8));
        input.AddRange(piece);
    }

    private static void CheckState(byte[] state, NaiveYjs expected)
    {
        var actual = new NaiveYjs();
        Require(actual.TryApply(state), "The naive one can't read what was written");
        if (actual.IsBlind)
        {
            return;
        }

        Require(actual.Units.Count == expected.Units.Count, $"{actual.Units.Count} clocks, not {expected.Units.Count}");
        foreach (((long, long) id, string unit) in actual.Units)
        {
            Require(expected.Units.TryGetValue(id, out string? unitExpected), $"{id} came from nowhere");
            Require(IsSame(unit, unitExpected!), $"{id} is {unit}, not {unitExpected}");
        }

        Require(actual.Deleted.SetEquals(expected.Deleted), "Something else is deleted");
    }

    private static void CheckVector(byte[] vector, NaiveYjs naive)
    {
        var document = new Dictionary<long, long>();
        foreach (long client in naive.Units.Keys.Select(static id => id.Client).Distinct())
        {
            if (naive.ContiguousEnd(client) is > 0 and long end)
            {
                document.Add(client, end);
            }
        }

        Require(
            ReadVector(vector).OrderBy(static entry => entry.Key).SequenceEqual(document.OrderBy(static entry => entry.Key)),
            "Another state vector"
        );
    }

    private static void CheckDifference(byte[] difference, byte[] vector, NaiveYjs naive)
    {
        Dictionary<long, long> known = ReadVector(vector);
        var actual = new NaiveYjs();
        Require(actual.TryApply(difference), "The naive one can't read the difference");
        if (actual.IsBlind)
        {
            return;
        }

        Require(
            actual.Units.Keys.ToHashSet().SetEquals(naive.Units.Keys.Where(id => id.Clock >= known.GetValueOrDefault(id.Client))),
            "The difference holds other clocks than those that lie behind the vector"
        );
        Require(actual.Deleted.SetEquals(naive.Deleted), "The difference deletes something else");
    }

    // Half of a surrogate pair that was cut is a replacement character.
    private static bool IsSame(string actual, string expected) =>
        actual == expected
        || (
            actual.EndsWith(" text fffd", StringComparison.Ordinal)
            && actual[..^4] == expected[..^4]
            && expected[^4..^2] is "d8" or "d9" or "da" or "db" or "dc" or "dd" or "de" or "df"
        );

    private static Dictionary<long, long> ReadVector(byte[] vector)
    {
        var clocks = new Dictionary<long, long>();
        int position = 0;
        for (long count = Number(); count > 0; count--)
        {
            long client = Number();
            clocks[client] = Number();
        }

        return clocks;

        long Number()
        {
            long value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = vector[position++];
                value |= (long)(next & 127) << shift;
                if (next < 128)
                {
                    return value;
                }
            }
        }
    }
}
