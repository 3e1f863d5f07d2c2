namespace Longwire.Cli.Bench;

/// <summary>The result of one step.</summary>
/// <param name="Name">The step.</param>
/// <param name="Count">How often it was done.</param>
/// <param name="P50Microseconds">From sending to the expected message.</param>
/// <param name="P99Microseconds">The same.</param>
/// <param name="MaxMicroseconds">The same.</param>
internal sealed record ScenarioStepResult(string Name, long Count, double P50Microseconds, double P99Microseconds, double MaxMicroseconds);
