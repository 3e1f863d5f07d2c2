using System.Globalization;

namespace Longwire.Game.Benchmarks;

/// <summary>The figures that the game has to keep, and whether it did.</summary>
internal static class Verdict
{
    private const double MostCores = 0.5;
    private const double MostJitterMore = 2;
    private const double LeastTicks = 55;

    /// <summary>A line for each thing that was wanted, which says whether it was met.</summary>
    public static string[] Of(GameFigures game, GameFigures whole, TickFigures bare) =>
        [
            Line(game.Cores < MostCores, $"{game.Cores:P0} of a core, where less than {MostCores:P0} is wanted"),
            Line(
                game.Ticks.Jitter - bare.Jitter < MostJitterMore,
                $"99 of 100 ticks at most {game.Ticks.Jitter:0.0} ms from even, {game.Ticks.Jitter - bare.Jitter:0.0} ms more than a bare loop's, where less than {MostJitterMore:0} ms more is wanted"
            ),
            Line(
                game.Ticks.PerSecond > LeastTicks,
                $"{game.Ticks.PerSecond:0.0} ticks a second, where more than {LeastTicks:0} are wanted"
            ),
            Line(
                game.BytesPerPlayer < whole.BytesPerPlayer,
                $"{game.BytesPerPlayer:N0} B a second to each player, where fewer than whole snapshots' {whole.BytesPerPlayer:N0} are wanted"
            ),
        ];

    private static string Line(bool isMet, FormattableString text) =>
        $"{(isMet ? "Met" : "MISSED")}: {text.ToString(CultureInfo.InvariantCulture)}.";
}

/// <summary>The cost of a server of the game.</summary>
/// <param name="Cores">How much of a core.</param>
/// <param name="Ticks">Its clock.</param>
/// <param name="BytesPerPlayer">How many bytes of frames came to a player in a second, with their headers.</param>
/// <param name="FramesPerPlayer">How many frames that were.</param>
internal sealed record GameFigures(double Cores, TickFigures Ticks, double BytesPerPlayer, double FramesPerPlayer);
