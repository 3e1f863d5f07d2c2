namespace Longwire.Cli.Bench;

/// <summary>The form of the result.</summary>
internal enum BenchOutput
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>JSON over several lines.</summary>
    Json,

    /// <summary>JSON on one line.</summary>
    Jsonl,
}
