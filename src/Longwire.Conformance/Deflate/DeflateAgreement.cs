namespace Longwire.Conformance;

/// <summary>The compression parameters that both sides agreed on.</summary>
internal sealed record DeflateAgreement
{
    public bool SuiteNoContextTakeover { get; init; }

    public int SuiteWindowBits { get; init; } = 15;

    public bool PeerNoContextTakeover { get; init; }

    public int PeerWindowBits { get; init; } = 15;
}
