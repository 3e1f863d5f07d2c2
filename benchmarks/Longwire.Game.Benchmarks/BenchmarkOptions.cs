using Longwire.Benchmarks.Support;

namespace Longwire.Game.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each server is measured; they take turns.</param>
/// <param name="Seconds">How long a window is, behind a warm-up of a third of that; the first one is twice as long, and does not count.</param>
/// <param name="Players">The players, up to the 200 that the game has seats for.</param>
internal sealed record BenchmarkOptions(int Rounds, int Seconds, int Players)
{
    public const string Usage = "options: --quick, --rounds 3, --seconds 10, --players 200";

    public static BenchmarkOptions? Parse(string[] args) =>
        OptionArguments.Read(
            args,
            new BenchmarkOptions(3, 10, 200),
            static _ => new BenchmarkOptions(1, 3, 200),
            static (options, name, value) =>
                name switch
                {
                    "--rounds" => options with { Rounds = value },
                    "--seconds" => options with { Seconds = value },
                    "--players" => options with { Players = value },
                    _ => null,
                }
        );
}
