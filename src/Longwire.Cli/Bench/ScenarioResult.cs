namespace Longwire.Cli.Bench;

/// <summary>The result of a scenario.</summary>
/// <param name="Users">How many users there were at the most.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Steps">Step by step.</param>
/// <param name="Failures">How many users had to give up.</param>
/// <param name="FirstFailure">Why the first one did; null when none had to.</param>
internal sealed record ScenarioResult(
    int Users,
    double Seconds,
    IReadOnlyList<ScenarioStepResult> Steps,
    long Failures,
    string? FirstFailure
);
