namespace Longwire.Cli;

/// <summary>Whom a command writes for.</summary>
internal enum OutputFormat
{
    /// <summary>People, and pipes that take payload.</summary>
    Text,

    /// <summary>Machines: a line of JSON for each event.</summary>
    Jsonl,
}
