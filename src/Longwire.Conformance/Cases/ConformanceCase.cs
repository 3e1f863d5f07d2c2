namespace Longwire.Conformance;

/// <summary>One case: what is sent, and what has to come of it. Immutable; may be run any number of times, also at once.</summary>
public sealed class ConformanceCase
{
    internal ConformanceCase(string id, string description, string expectation, Func<CaseRun, Task> script)
    {
        Id = new CaseId(id);
        Description = description;
        Expectation = expectation;
        Script = script;
    }

    /// <summary>The number; of the standard cases, the one that the field knows them by.</summary>
    public CaseId Id { get; }

    /// <summary>The bytes or steps that the suite sends.</summary>
    public string Description { get; }

    /// <summary>The behaviour of a correct peer.</summary>
    public string Expectation { get; }

    /// <summary>Whom it can be run against. All of them unless the case is about the opening handshake of one side.</summary>
    public Subjects Subjects { get; internal init; } = Subjects.All;

    /// <summary>The cost of the case: light unless it moves megabytes.</summary>
    public CaseLoad Load { get; internal init; } = CaseLoad.Light;

    /// <summary>Where the rule stands, for instance <c>RFC 6455 §5.4</c>; empty for the standard cases.</summary>
    public string Section { get; internal init; } = "";

    /// <summary>The offers of permessage-deflate that the suite makes, or null for a plain connection.</summary>
    internal DeflateTerms? Deflate { get; init; }

    /// <summary>The script does the opening handshake itself.</summary>
    internal bool OwnHandshake { get; init; }

    /// <summary>Afterwards an ordinary connection is opened, to see whether the server has survived.</summary>
    internal bool ProbeAfterwards { get; init; }

    /// <summary>
    /// The script ends or resets the stream in ways that the platform's HTTP/2 client has not: over HTTP/2 the suite speaks it by hand.
    /// </summary>
    internal bool EndsStream { get; init; }

    /// <summary>How long the whole case may take.</summary>
    internal TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    internal Func<CaseRun, Task> Script { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Description}";
}
