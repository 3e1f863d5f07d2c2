namespace Longwire.Conformance;

/// <summary>
/// Picks cases by number: <c>6.4.1</c> is one case, <c>6.*</c> a chapter, <c>*</c> all of them, and a leading <c>!</c> takes away.
/// A number without a star also stands for all below it: <c>6.4</c> is <c>6.4.*</c>.
/// </summary>
public static class CasePattern
{
    /// <summary>
    /// Picks from a list what some pattern takes in and no pattern takes away. Without a pattern that takes in, all are in.
    /// </summary>
    /// <param name="cases">The cases to pick from.</param>
    /// <param name="patterns">The patterns, in any order.</param>
    /// <returns>The cases in the order of their numbers.</returns>
    public static IReadOnlyList<ConformanceCase> Select(IEnumerable<ConformanceCase> cases, IReadOnlyCollection<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(patterns);
        string[] wanted = [.. patterns.Where(p => !p.StartsWith('!'))];
        string[] unwanted = [.. patterns.Where(p => p.StartsWith('!')).Select(p => p[1..])];
        return
        [
            .. cases
                .Where(c => (wanted.Length == 0 || wanted.Any(p => Matches(p, c.Id))) && !unwanted.Any(p => Matches(p, c.Id)))
                .OrderBy(c => c.Id),
        ];
    }

    /// <summary>Tells whether a pattern without its <c>!</c> stands for a case.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="id">The number of the case.</param>
    public static bool Matches(string pattern, CaseId id)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        string number = id.ToString();
        int star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0)
        {
            return number.StartsWith(pattern[..star], StringComparison.Ordinal) || number + "." == pattern[..star];
        }

        return number == pattern || number.StartsWith(pattern + ".", StringComparison.Ordinal);
    }
}
