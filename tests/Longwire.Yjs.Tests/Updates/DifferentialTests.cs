using System.Globalization;

namespace Longwire.Yjs.Tests;

/// <summary>
/// Longwire and npm's yjs make the same of random documents. LONGWIRE_YJS_SCENARIOS sets how many; each is some documents, a dozen updates
/// and a few differences.
/// </summary>
public sealed class DifferentialTests(Oracle oracle) : IClassFixture<Oracle>
{
    private const int AtOnce = 50;

    private static readonly int _scenarios = int.Parse(
        Environment.GetEnvironmentVariable("LONGWIRE_YJS_SCENARIOS") ?? "500",
        CultureInfo.InvariantCulture
    );

    private static readonly int _firstSeed = int.Parse(
        Environment.GetEnvironmentVariable("LONGWIRE_YJS_SEED") ?? "1",
        CultureInfo.InvariantCulture
    );

    [Fact]
    public void Merging_difference_and_state_vector_are_those_of_npm()
    {
        long updates = 0;
        long documents = 0;
        int canonical = 0;
        int differences = 0;
        for (int done = 0; done < _scenarios; done += AtOnce)
        {
            foreach (Oracle.Scenario scenario in oracle.Scenarios(_firstSeed + done, AtOnce))
            {
                Check(scenario);
                updates += scenario.Updates.Count;
                documents += scenario.Documents;
                canonical += scenario.IsCanonical ? 1 : 0;
                differences += scenario.Differences.Count;
            }
        }

        // The inputs have not lost their point.
        Assert.True(updates >= _scenarios * 8, $"{updates} updates");
        Assert.InRange(canonical, _scenarios / 4, _scenarios * 9 / 10);
        TestContext.Current.SendDiagnosticMessage(
            $"{_scenarios} scenarios from seed {_firstSeed}: {documents} documents, {updates} updates, {differences} differences, {canonical} canonical"
        );
    }

    [Fact]
    public void The_judge_finds_what_is_planted()
    {
        Oracle.Scenario scenario = oracle.Scenarios(1, AtOnce).First(scenario => scenario.Updates.Count > 8 && scenario.IsCanonical);
        Assert.True(YjsUpdate.TryMerge(Memories(scenario.Updates.Skip(1)), out byte[]? without, out _));
        Assert.NotEqual("", oracle.Compare(scenario.Merged, without, []));
        Assert.Equal("", oracle.Compare(scenario.Merged, scenario.Merged, scenario.All));
        Assert.NotEqual("", oracle.Judge(scenario.Merged[..^1]));
        Assert.Equal("", oracle.Judge(scenario.Merged));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Memories(IEnumerable<byte[]> updates) =>
        updates.Select(update => new ReadOnlyMemory<byte>(update));

    private static string Short(byte[] update) => Convert.ToHexString(update.AsSpan(0, Math.Min(update.Length, 400)));

    // As servers keep it.
    private static YjsDocument Joined(IEnumerable<byte[]> updates, string seed)
    {
        var document = new YjsDocument(joinsStructs: true);
        foreach (byte[] update in updates)
        {
            Assert.True(document.TryApply(update, out YjsError? error), $"{seed}: {error}");
        }

        return document;
    }

    private void Check(Oracle.Scenario scenario)
    {
        string seed = $"seed {scenario.Seed}";
        Assert.True(YjsUpdate.TryMerge(Memories(scenario.Updates), out byte[]? merged, out YjsError? error), $"{seed}: {error}");
        Same(scenario.IsCanonical, scenario.Merged, merged, scenario.All, $"{seed}, merged");
        Assert.True(YjsUpdate.TryGetStateVector(scenario.Merged, out byte[]? vector, out error), $"{seed}: {error}");
        Assert.True(vector.AsSpan().SequenceEqual(scenario.StateVector), $"{seed}, state vector");
        Assert.True(YjsUpdate.TryGetStateVector(merged, out vector, out error), $"{seed}: {error}");
        Assert.True(vector.AsSpan().SequenceEqual(scenario.StateVector), $"{seed}, state vector of what we merged");
        YjsDocument joined = Joined(scenario.Updates, seed);
        Same(mustBeEqual: false, scenario.Merged, joined.EncodeState(), scenario.All, $"{seed}, joined");
        Assert.True(joined.EncodeStateVector().AsSpan().SequenceEqual(scenario.StateVector), $"{seed}, state vector of what was joined");
        foreach ((byte[] known, byte[] expected) in scenario.Differences)
        {
            Assert.True(joined.TryEncodeDifference(known, out byte[]? part, out error), $"{seed}: {error}");
            Same(mustBeEqual: false, expected, part, scenario.All, $"{seed}, difference to what was joined");
            Assert.True(YjsUpdate.TryDifference(scenario.Merged, known, out byte[]? difference, out error), $"{seed}: {error}");
            Same(mustBeEqual: true, expected, difference, scenario.All, $"{seed}, difference");
        }
    }

    private void Same(bool mustBeEqual, byte[] expected, byte[] actual, IReadOnlyList<byte[]> all, string what)
    {
        if (expected.AsSpan().SequenceEqual(actual))
        {
            return;
        }

        Assert.False(mustBeEqual, $"{what} differs:\n{Short(expected)}\n{Short(actual)}");
        string verdict = oracle.Compare(expected, actual, all);
        Assert.True(verdict.Length == 0, $"{what}: {verdict}\n{Short(expected)}\n{Short(actual)}");
    }
}
