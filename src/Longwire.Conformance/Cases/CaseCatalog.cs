namespace Longwire.Conformance;

/// <summary>The cases.</summary>
public static class CaseCatalog
{
    private static readonly Lazy<IReadOnlyList<ConformanceCase>> _standard = new(() =>
        Sorted([
            .. EchoCases.All(),
            .. PingCases.All(),
            .. ReservedCases.All(),
            .. FragmentCases.All(),
            .. Utf8Cases.All(),
            .. ClosingCases.All(),
            .. LimitCases.All(),
            .. DeflateCases.All(),
        ])
    );

    private static readonly Lazy<IReadOnlyList<ConformanceCase>> _own = new(() =>
        Sorted([
            .. RequestCases.All(),
            .. NegotiationCases.All(),
            .. HeaderAttackCases.All(),
            .. FrameCases.All(),
            .. DeflateRuleCases.All(),
            .. CloseRuleCases.All(),
            .. AmountCases.All(),
            .. FloodCases.All(),
            .. TextRuleCases.All(),
            .. ClientHandshakeCases.All(),
            .. Http2Cases.All(),
            .. CloseAndEndCases.All(),
            .. EndOnlyCases.All(),
            .. HandshakeEndCases.All(),
            .. SlowReaderCases.All(),
            .. ResetCases.All(),
        ])
    );

    /// <summary>The 517 cases that the field knows by their numbers, 1.* to 13.*.</summary>
    public static IReadOnlyList<ConformanceCase> Standard => _standard.Value;

    /// <summary>Longwire's own, 20.* and 21.*: what those do not cover.</summary>
    public static IReadOnlyList<ConformanceCase> Own => _own.Value;

    /// <summary>Both, in the order of their numbers.</summary>
    public static IReadOnlyList<ConformanceCase> All => [.. Standard, .. Own];

    /// <summary>The cases for a kind of peer that the patterns pick.</summary>
    /// <param name="subject">The role of the peer that is tested.</param>
    /// <param name="patterns">See <see cref="CasePattern"/>.</param>
    public static IReadOnlyList<ConformanceCase> Select(Subjects subject, IReadOnlyCollection<string> patterns) =>
        CasePattern.Select(All.Where(c => (c.Subjects & subject) != 0), patterns);

    private static IReadOnlyList<ConformanceCase> Sorted(IEnumerable<ConformanceCase> cases) => [.. cases.OrderBy(c => c.Id)];
}
