namespace Longwire.Cli.Bench;

/// <summary>What the messages are made of.</summary>
internal enum PayloadKind
{
    Text,
    Binary,
    Json,
}
