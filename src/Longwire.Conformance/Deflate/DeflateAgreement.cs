namespace Longwire.Conformance;

/// <summary>What both sides have agreed on.</summary>
internal sealed record DeflateAgreement
{
    public bool SuiteNoContextTakeover { get; init; }

    public int SuiteWindowBits { get; init; } = 15;

    public bool PeerNoContextTakeover { get; init; }

    public int PeerWindowBits { get; init; } = 15;
}
