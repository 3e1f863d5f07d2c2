namespace Longwire.Cli.Doctor;

/// <summary>The findings of an examination.</summary>
/// <param name="Url">The address, without what may be secret.</param>
/// <param name="Checks">Step by step.</param>
/// <param name="ExitCode">That of the first failure; 0 for none.</param>
internal sealed record Diagnosis(string Url, IReadOnlyList<Check> Checks, int ExitCode);
