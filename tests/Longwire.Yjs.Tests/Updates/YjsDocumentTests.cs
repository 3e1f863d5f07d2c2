namespace Longwire.Yjs.Tests;

public sealed class YjsDocumentTests(Oracle oracle) : IClassFixture<Oracle>
{
    [Fact]
    public void Updates_in_any_order_and_any_number_of_times_make_the_same_document()
    {
        var random = new Random(1);
        foreach (Oracle.Scenario scenario in oracle.Scenarios(5_000, 100).Where(static scenario => scenario.IsCanonical))
        {
            byte[] expected = State(scenario.Updates);
            for (int shuffle = 0; shuffle < 5; shuffle++)
            {
                byte[][] shuffled = [.. scenario.Updates, .. scenario.Updates];
                random.Shuffle(shuffled);
                Assert.True(expected.AsSpan().SequenceEqual(State(shuffled)), $"seed {scenario.Seed}");
            }
        }
    }

    [Fact]
    public void What_is_new_is_known_before_it_is_applied()
    {
        foreach (Oracle.Scenario scenario in oracle.Scenarios(6_000, 100))
        {
            var document = new YjsDocument();
            foreach (byte[] update in scenario.Updates)
            {
                byte[] before = document.EncodeState();
                Assert.True(ParsedUpdate.TryRead([.. update], long.MaxValue, out ParsedUpdate? parsed, out _));
                bool isNew = document.IsNew(parsed);
                Assert.Equal(isNew, document.Apply(parsed));
                Assert.Equal(isNew, !before.AsSpan().SequenceEqual(document.EncodeState()));
                Assert.False(document.IsNew(parsed));
            }
        }
    }

    [Theory]
    [InlineData(1, "a🙂b", 2, "\uFFFDb")] // in the pair: half of it is left
    [InlineData(1, "a🙂b", 1, "🙂b")]
    [InlineData(1, "a🙂b", 3, "b")]
    [InlineData(1, "🙂🙂", 3, "\uFFFD")]
    public void A_surrogate_pair_that_is_cut_becomes_a_replacement_character(long client, string text, int clock, string rest)
    {
        var document = new YjsDocument();
        Assert.True(document.TryApply(Edits.Insert(client, 0, text), out YjsError? error), error?.ToString());
        Assert.True(document.TryEncodeDifference([1, 1, (byte)clock], out byte[]? difference, out _));
        byte[] expected = new FrameWriter().Raw(1, 1, 1, (byte)clock, 0x84, 1, (byte)(clock - 1)).Text(rest).Raw(0).ToArray();
        Assert.Equal(expected, difference);
    }

    [Fact]
    public void Thousands_of_key_strokes_take_memory_by_their_bytes_and_not_by_their_number()
    {
        var document = new YjsDocument();
        for (int clock = 0; clock < 50_000; clock++)
        {
            Assert.True(document.TryApply(Edits.Insert(1, clock, "x"), out _));
        }

        Assert.InRange(document.EncodeState().Length, 50_000 * 6, 50_000 * 10);
        Assert.InRange(document.MemoryBytes, 1, (long)(document.EncodeState().Length * 1.1) + 1_000);
    }

    [Fact]
    public void What_was_typed_key_by_key_is_joined_to_text_and_cut_again_where_somebody_has_half()
    {
        var document = new YjsDocument(joinsStructs: true);
        for (int clock = 0; clock < 50_000; clock++)
        {
            Assert.True(document.TryApply(Edits.Insert(1, clock, "x"), out _));
        }

        Assert.InRange(document.EncodeState().Length, 50_000, 50_100);
        Assert.InRange(document.MemoryBytes, 50_000, 51_000);
        Assert.True(document.TryEncodeDifference(new FrameWriter().Raw(1, 1).Number(49_990).ToArray(), out byte[]? rest, out _));
        Assert.Equal(Edits.Insert(1, 49_990, new string('x', 10)), rest);
    }

    [Theory]
    [InlineData(0x84, 1, 4, 0x84, true)] // text behind text
    [InlineData(0x84, 1, 3, 0x84, false)] // text in the text
    [InlineData(0x84, 2, 4, 0x84, false)] // behind another client's
    [InlineData(0x84, 1, 4, 0xC4, false)] // before something else
    [InlineData(0x81, 1, 4, 0x81, true)] // deleted behind deleted
    [InlineData(0x81, 1, 4, 0x84, false)] // of another kind
    public void Structs_are_joined_where_yjs_would_split_them_so(byte first, long client, long clock, byte second, bool joins)
    {
        var document = new YjsDocument(joinsStructs: true);
        byte[] one = Struct(0, first, 1, 0);
        Assert.True(document.TryApply(one, out YjsError? error), error?.ToString());
        Assert.True(document.TryApply(Struct(5, second, client, clock), out error), error?.ToString());
        Assert.Equal(joins ? 1 : 2, document.EncodeState()[1]);

        static byte[] Struct(long start, byte info, long originClient, long originClock)
        {
            FrameWriter update = new FrameWriter().Raw(1, 1, 1).Number(start).Raw(info).Number(originClient).Number(originClock);
            if ((info & 0x40) != 0)
            {
                update.Number(9).Number(9);
            }

            return ((info & 0x1F) == 4 ? update.Text("hello") : update.Number(5)).Number(0).ToArray();
        }
    }

    [Fact]
    public void A_small_part_of_a_large_update_does_not_keep_all_of_it()
    {
        var document = new YjsDocument();
        WeakReference update = Apply(document);
        GC.Collect();
        Assert.False(update.IsAlive);
        GC.KeepAlive(document);

        static WeakReference Apply(YjsDocument document)
        {
            byte[] update = Edits.Merge(Edits.Insert(1, 0, new string('x', 1_000_000)), Edits.Insert(2, 0, "small"));
            Assert.True(document.TryApply(Edits.Insert(1, 0, new string('x', 1_000_000)), out _));
            Assert.True(ParsedUpdate.TryRead(update, long.MaxValue, out ParsedUpdate? parsed, out _));
            document.Apply(parsed);
            return new WeakReference(update);
        }
    }

    // Quadratic, each of these would take minutes.
    [Fact]
    public void What_is_made_to_be_slow_is_not()
    {
        var document = new YjsDocument();
        (long Clock, long Length)[] descending = [.. Enumerable.Range(0, 200_000).Select(static i => ((long)(1_000_000 - (3 * i)), 1L))];
        Assert.True(document.TryApply(Edits.Delete(1, descending), out _));
        Assert.True(document.TryApply(Edits.Delete(1, [.. descending.Select(static range => (range.Clock + 1, 1L))]), out _));
        byte[] even = Holes(0);
        byte[] odd = Holes(2);
        Assert.True(document.TryApply(odd, out YjsError? error), error?.ToString());
        Assert.True(document.TryApply(even, out _));
        Assert.Equal(199_999, document.HoleCount);

        // Collected clocks with holes between them.
        static byte[] Holes(int first)
        {
            FrameWriter update = new FrameWriter().Number(1).Number(200_000 - 1).Number(5).Number(first);
            for (int i = 0; i < 200_000 - 1; i++)
            {
                if (i % 2 == 0)
                {
                    update.Raw(0, 1);
                }
                else
                {
                    update.Raw(10, 3);
                }
            }

            return update.Number(0).ToArray();
        }
    }

    private static byte[] State(IEnumerable<byte[]> updates)
    {
        var document = new YjsDocument();
        foreach (byte[] update in updates)
        {
            Assert.True(document.TryApply(update, out YjsError? error), error?.ToString());
        }

        return document.EncodeState();
    }
}
