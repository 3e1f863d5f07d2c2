namespace Longwire.Cli.Bench;

/// <summary>One thing that a user does.</summary>
internal sealed record ScenarioStep
{
    /// <summary>The step's name in the result; steps of one name are counted together.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// A text to send, in which {user} is the user's number, {round} how often it has been here, and {id} different each time.
    /// </summary>
    public string? Send { get; init; }

    /// <summary>A regular expression that a message has to match before the user goes on; the time until then is measured.</summary>
    public string? Expect { get; init; }

    /// <summary>How long the user thinks before it goes on.</summary>
    public double ThinkSeconds { get; init; }
}
