namespace Longwire.Cli.Bench;

/// <summary>A part of a scenario's time.</summary>
internal sealed record ScenarioStage
{
    /// <summary>How many users there are at its end.</summary>
    public required int Users { get; init; }

    public required double Seconds { get; init; }
}
