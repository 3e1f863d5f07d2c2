namespace Longwire.Yjs.Tests;

/// <summary>Updates made by hand.</summary>
internal static class Edits
{
    /// <summary>A client's text behind what it wrote before, in the document's text <c>t</c>.</summary>
    public static byte[] Insert(long client, long clock, string text)
    {
        FrameWriter update = new FrameWriter().Number(1).Number(1).Number(client).Number(clock);
        if (clock == 0)
        {
            update.Raw(4).Number(1).Text("t");
        }
        else
        {
            update.Raw(0x84).Number(client).Number(clock - 1);
        }

        return update.Text(text).Number(0).ToArray();
    }

    public static byte[] Delete(long client, params (long Clock, long Length)[] ranges)
    {
        FrameWriter update = new FrameWriter().Number(0).Number(1).Number(client).Number(ranges.Length);
        foreach ((long clock, long length) in ranges)
        {
            update.Number(clock).Number(length);
        }

        return update.ToArray();
    }

    /// <summary>Whether two updates hold the same clocks and deletions, as those of one document do when they are the same.</summary>
    public static bool AreSame(byte[] one, byte[] other)
    {
        (YjsDocument document, ParsedUpdate update) first = Read(one);
        (YjsDocument document, ParsedUpdate update) second = Read(other);
        // Bytes may be joined otherwise.
        return !first.document.IsNew(second.update) && !second.document.IsNew(first.update);

        static (YjsDocument, ParsedUpdate) Read(byte[] bytes)
        {
            Assert.True(ParsedUpdate.TryRead([.. bytes], long.MaxValue, out ParsedUpdate? update, out YjsError? error), error?.ToString());
            var document = new YjsDocument(joinsStructs: true);
            document.Apply(update);
            return (document, update);
        }
    }

    public static byte[] Merge(params byte[][] updates)
    {
        Assert.True(
            YjsUpdate.TryMerge(updates.Select(update => new ReadOnlyMemory<byte>(update)), out byte[]? merged, out YjsError? error),
            error?.ToString()
        );
        return merged;
    }
}
