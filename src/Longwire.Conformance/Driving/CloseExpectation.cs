namespace Longwire.Conformance;

/// <summary>How the connection has to end.</summary>
internal sealed record CloseExpectation
{
    /// <summary>The suite sends the first Close frame; else the peer has to.</summary>
    public required bool BySuite { get; init; }

    /// <summary>The statuses that the peer may answer with. None at all is right, too: a Close frame may be empty.</summary>
    public required IReadOnlyList<int> Codes { get; init; }

    /// <summary>Statuses that say less than the right one: conformant, but not strict.</summary>
    public IReadOnlyList<int> Tolerated { get; init; } = [];

    /// <summary>Ending TCP without a Close frame is not enough.</summary>
    public bool RequireClean { get; init; }

    /// <summary>The peer has to send a status: an empty Close frame is a wrong code.</summary>
    public bool RequireCode { get; init; }

    /// <summary>When the wrong end closes, the behaviour has failed, too: the peer has not seen the fault at all.</summary>
    public bool WrongEndIsFatal { get; init; }

    /// <summary>With a wrong status the behaviour has failed, too: the status is what the case is about.</summary>
    public bool WrongCodeIsFatal { get; init; }

    /// <summary>A peer that resets TCP, or the stream, rather than to end it in order, is not strict.</summary>
    public bool OrderlyEnd { get; init; }

    public static CloseExpectation Normal { get; } =
        new()
        {
            BySuite = true,
            Codes = [1000],
            RequireClean = true,
        };

    public static CloseExpectation ByPeer(params int[] codes) => new() { BySuite = false, Codes = codes };
}
