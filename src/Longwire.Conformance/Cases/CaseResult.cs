namespace Longwire.Conformance;

/// <summary>How one peer did in one case.</summary>
public sealed record CaseResult
{
    /// <summary>The case.</summary>
    public required ConformanceCase Case { get; init; }

    /// <summary>The verdict on the behaviour.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The verdict on the way in which the connection ended.</summary>
    public required CloseVerdict CloseVerdict { get; init; }

    /// <summary>Why that verdict, in a sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>Why that verdict on the close, in a sentence.</summary>
    public required string CloseDetail { get; init; }

    /// <summary>The status in the peer's Close frame; null when there was no frame or no status in it.</summary>
    public int? RemoteCloseCode { get; init; }

    /// <summary>The reason in the peer's Close frame.</summary>
    public string RemoteCloseReason { get; init; } = "";

    /// <summary>From the start of the connection to its end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The wire log: a line a frame, bounded by <see cref="ConformanceOptions.WireLogLines"/>.</summary>
    public IReadOnlyList<string> WireLog { get; init; } = [];

    /// <summary>True when neither verdict is a fault: OK or INFORMATIONAL, both.</summary>
    public bool IsStrictlyOk =>
        Verdict is Verdict.Ok or Verdict.Informational && CloseVerdict is CloseVerdict.Ok or CloseVerdict.Informational;

    /// <summary>
    /// True when the peer is conformant here: strictly OK, or NON-STRICT, or a server that leaves it to the client to end TCP, which it
    /// only should not (RFC 6455 §7.1.1). Both verdicts have to pass.
    /// </summary>
    public bool IsConformant =>
        Verdict is not (Verdict.Failed or Verdict.Unimplemented)
        && CloseVerdict is CloseVerdict.Ok or CloseVerdict.Informational or CloseVerdict.FailedByClient;
}
