namespace Longwire.Cli.Playground.Game;

internal enum EntityKind : byte
{
    Spark,
    Ship,
    Bot,
}
