namespace Longwire.JavaScript.Tests;

/// <summary>The result of one test in JavaScript.</summary>
internal sealed record ScriptResult(string Name, string Outcome, double Milliseconds, string? Error)
{
    public override string ToString() => $"{Name}: {Outcome}\n{Error}";
}
