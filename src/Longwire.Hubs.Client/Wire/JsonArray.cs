using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>Where the items of an array stand.</summary>
internal static class JsonArray
{
    public static List<Range> ItemsOf(ReadOnlySpan<byte> array)
    {
        List<Range> items = [];
        if (array.Length == 0)
        {
            return items;
        }

        var reader = new Utf8JsonReader(array, new JsonReaderOptions { MaxDepth = 1_000 });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(start..(int)reader.BytesConsumed);
        }

        return items;
    }
}
