using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>
/// A pattern of room names, such as <c>board:{id:int}</c>: segments between colons, compared ordinally. <c>{x}</c> takes one segment,
/// <c>{**rest}</c> all that is left.
/// </summary>
internal sealed class RoomTemplate
{
    private static readonly FrozenDictionary<string, string> _noValues = FrozenDictionary<string, string>.Empty;

    private readonly IReadOnlyList<RoomTemplateSegment> _segments;

    public RoomTemplate(string text, IReadOnlyList<RoomTemplateSegment> segments)
    {
        Text = text;
        _segments = segments;
        Parameters = [.. segments.Select(static segment => segment.Parameter).OfType<string>()];
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    public IReadOnlyList<RoomTemplateSegment> Segments => _segments;

    /// <summary>The names of its parameters.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Whether it names one room.</summary>
    public bool IsLiteral => Parameters.Count == 0;

    /// <summary>Compares with a room's name.</summary>
    /// <param name="room">The name, normalized.</param>
    /// <param name="values">The values of the parameters.</param>
    public bool TryMatch(string room, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? values)
    {
        values = null;
        Dictionary<string, string>? found = null;
        ReadOnlySpan<char> left = room;
        for (int i = 0; i < _segments.Count; i++)
        {
            RoomTemplateSegment segment = _segments[i];
            bool isLast = i == _segments.Count - 1;
            int colon = segment.IsRest ? -1 : left.IndexOf(':');
            if (isLast != (colon < 0) || !segment.TryMatch(isLast ? left : left[..colon], out string value))
            {
                return false;
            }

            if (segment.Parameter is { } parameter)
            {
                (found ??= new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase))[parameter] = value;
            }

            left = isLast ? default : left[(colon + 1)..];
        }

        values = found ?? (IReadOnlyDictionary<string, string>)_noValues;
        return true;
    }

    /// <summary>The order in which templates are tried: literal, constrained, free, rest; by the first segment that differs.</summary>
    public static int Compare(RoomTemplate first, RoomTemplate second)
    {
        for (int i = 0; i < Math.Min(first._segments.Count, second._segments.Count); i++)
        {
            RoomTemplateSegment one = first._segments[i];
            RoomTemplateSegment other = second._segments[i];
            int order = one.Rank != other.Rank ? one.Rank - other.Rank : other.TextLength - one.TextLength;
            if (order != 0)
            {
                return order;
            }
        }

        return second._segments.Count - first._segments.Count;
    }

    /// <summary>A room that two templates of the same precedence both match, as far as one is found; null for none.</summary>
    public static string? FindCommonRoom(RoomTemplate first, RoomTemplate second)
    {
        if (Compare(first, second) != 0)
        {
            return null;
        }

        string?[] common = [.. first._segments.Zip(second._segments, RoomTemplateSegment.FindCommonText)];
        return Array.Exists(common, static text => text is null) ? null : string.Join(':', common);
    }
}
