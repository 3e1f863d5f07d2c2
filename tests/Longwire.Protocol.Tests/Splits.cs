namespace Longwire.Protocol.Tests;

/// <summary>The ways in which the network may cut what one side sent.</summary>
internal static class Splits
{
    /// <summary>Whole, cut in two at every offset, and byte by byte.</summary>
    public static IEnumerable<IReadOnlyList<byte[]>> Of(byte[] bytes)
    {
        yield return [bytes];
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            yield return [bytes[..cut], bytes[cut..]];
        }

        yield return [.. bytes.Select(value => new[] { value })];
    }

    /// <summary>In random pieces, empty ones among them.</summary>
    public static IReadOnlyList<byte[]> Random(byte[] bytes, Random random)
    {
        var pieces = new List<byte[]>();
        int longest = random.Next(3) switch
        {
            0 => 3,
            1 => 40,
            _ => bytes.Length + 1,
        };
        for (int position = 0; position < bytes.Length; )
        {
            int length = Math.Min(random.Next(longest + 1), bytes.Length - position);
            pieces.Add(bytes[position..(position + length)]);
            position += length;
        }

        return pieces;
    }
}
