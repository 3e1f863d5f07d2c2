namespace Longwire.Conformance;

/// <summary>The offers of a case with compression, in the order of preference.</summary>
internal sealed record DeflateTerms(params DeflateOffer[] Offers)
{
    /// <summary>When set, the header is exactly this instead of the offers.</summary>
    public string? Header { get; init; }

    /// <summary>How hard the suite compresses, 1 to 9. Level 1 of the platform's zlib writes fixed codes only.</summary>
    public int Level { get; init; } = 6;

    public string ToHeader() => Header ?? string.Join(", ", Offers.Select(o => o.ToHeader()));
}
