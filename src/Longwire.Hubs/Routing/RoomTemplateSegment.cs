using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;

namespace Longwire.Hubs;

/// <summary>
/// A part of a room template between two colons: text, or text around one parameter. A parameter takes one character or more.
/// </summary>
internal sealed class RoomTemplateSegment(
    string prefix,
    string? parameter = null,
    string suffix = "",
    bool isRest = false,
    IReadOnlyList<IRouteConstraint>? constraints = null
)
{
    /// <summary>Values of the kinds that constraints tell apart, to find a name that two templates match.</summary>
    private static readonly string[] _samples =
    [
        "x",
        "1",
        "7",
        "-1",
        "100",
        "1.5",
        "true",
        "abc",
        "abcdefgh",
        "2030-01-01",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
    ];

    private static readonly RouteValueDictionary _noValues = [];

    private readonly IReadOnlyList<IRouteConstraint> _constraints = constraints ?? [];

    /// <summary>The parameter's name; null for text alone.</summary>
    public string? Parameter => parameter;

    /// <summary>The text before the parameter, or without one all of it.</summary>
    public string Prefix => prefix;

    /// <summary>The text behind the parameter.</summary>
    public string Suffix => suffix;

    /// <summary>Whether the parameter takes numbers alone.</summary>
    public bool IsNumber =>
        _constraints.Any(static constraint =>
            constraint
                is IntRouteConstraint
                    or LongRouteConstraint
                    or DecimalRouteConstraint
                    or DoubleRouteConstraint
                    or FloatRouteConstraint
                    or MinRouteConstraint
                    or MaxRouteConstraint
                    or RangeRouteConstraint
        );

    /// <summary>Whether the parameter takes all that is left, colons too.</summary>
    public bool IsRest => isRest;

    /// <summary>Where the segment stands in the order of precedence; a lower one is tried first.</summary>
    public int Rank =>
        parameter is null ? 0
        : isRest
            ? _constraints.Count > 0 ? 4
                : 5
        : prefix.Length + suffix.Length > 0 ? 1
        : _constraints.Count > 0 ? 2
        : 3;

    /// <summary>How much text stands around the parameter: of two such segments the one with more is tried first.</summary>
    public int TextLength => parameter is null ? 0 : prefix.Length + suffix.Length;

    /// <summary>Compares with a part of a room's name.</summary>
    /// <param name="text">The part.</param>
    /// <param name="value">The parameter's value; empty without a parameter.</param>
    public bool TryMatch(ReadOnlySpan<char> text, out string value)
    {
        value = "";
        if (parameter is null)
        {
            return text.SequenceEqual(prefix);
        }

        if (text.Length <= prefix.Length + suffix.Length || !text.StartsWith(prefix) || !text.EndsWith(suffix))
        {
            return false;
        }

        value = text[prefix.Length..^suffix.Length].ToString();
        return IsAllowed(value);
    }

    /// <summary>A text that both segments match, as far as one is found; null for none.</summary>
    public static string? FindCommonText(RoomTemplateSegment first, RoomTemplateSegment second) =>
        first.Candidates.Concat(second.Candidates).FirstOrDefault(text => first.TryMatch(text, out _) && second.TryMatch(text, out _));

    private IEnumerable<string> Candidates => parameter is null ? [prefix] : _samples.Select(sample => prefix + sample + suffix);

    private bool IsAllowed(string value)
    {
        if (_constraints.Count == 0)
        {
            return true;
        }

        var values = new RouteValueDictionary(_noValues) { [parameter!] = value };
        foreach (IRouteConstraint constraint in _constraints)
        {
            if (!constraint.Match(httpContext: null, route: null, parameter!, values, RouteDirection.IncomingRequest))
            {
                return false;
            }
        }

        return true;
    }
}
