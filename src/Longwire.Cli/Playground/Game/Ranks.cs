namespace Longwire.Cli.Playground.Game;

/// <summary>Told once a second: the player's own ship, the best of all, and the players' names.</summary>
internal sealed record Ranks(int You, Rank[] Best, Rank[] Players);
