namespace Longwire.Conformance;

/// <summary>How one peer did in all the cases that were run against it.</summary>
public sealed record ConformanceRun
{
    /// <summary>The name of the peer: its address, or what a client calls itself.</summary>
    public required string Agent { get; init; }

    /// <summary>The peer's role: server, client, or server over HTTP/2.</summary>
    public required Subjects Subject { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The results in the order of the case numbers.</summary>
    public required IReadOnlyList<CaseResult> Results { get; init; }

    /// <summary>True when the peer is conformant in every case; NON-STRICT counts as conformant.</summary>
    public bool IsConformant => Results.All(r => r.IsConformant);

    /// <summary>True when every verdict is OK or INFORMATIONAL.</summary>
    public bool IsStrictlyOk => Results.All(r => r.IsStrictlyOk);
}
