namespace Longwire.Cli.Playground.Game;

/// <summary>A ship and what it has collected.</summary>
internal sealed record Rank(int Id, string Name, int Score);
