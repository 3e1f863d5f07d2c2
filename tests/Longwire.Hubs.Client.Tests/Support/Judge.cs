namespace Longwire.Hubs.Client.Tests;

/// <summary>Says whether numbers that were published came once each, and in order.</summary>
internal static class Judge
{
    /// <summary>The fault in the messages that came; null when it is 0, 1, 2 … up to a count.</summary>
    public static string? FindFault(IReadOnlyList<int> came, int count)
    {
        int[] doubled =
        [
            .. came.GroupBy(static number => number).Where(static group => group.Count() > 1).Select(static group => group.Key),
        ];
        int[] missing = [.. Enumerable.Range(0, count).Except(came)];
        return doubled.Length > 0 ? $"doubled: {string.Join(' ', doubled)}"
            : missing.Length > 0 ? $"missing: {string.Join(' ', missing)}"
            : came.Count > count ? "more than was published"
            : !came.SequenceEqual(came.Order()) ? $"out of order: {string.Join(' ', came)}"
            : null;
    }
}
