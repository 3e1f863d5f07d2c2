namespace Longwire.Cli.Bench;

/// <summary>The contents of the messages.</summary>
internal enum PayloadKind
{
    Text,
    Binary,
    Json,
}
