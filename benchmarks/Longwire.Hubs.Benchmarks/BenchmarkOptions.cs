using Longwire.Benchmarks.Support;

namespace Longwire.Hubs.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each server is measured; they take turns.</param>
/// <param name="Seconds">How long a window is, behind a warm-up of a third of that.</param>
/// <param name="Members">The members of the large room, and how many join and leave; the small one has a tenth.</param>
internal sealed record BenchmarkOptions(int Rounds, int Seconds, int Members)
{
    public const string Usage = "options: --quick, --rounds 3, --seconds 6, --members 10000";

    public static BenchmarkOptions? Parse(string[] args) =>
        OptionArguments.Read(
            args,
            new BenchmarkOptions(3, 6, 10_000),
            static _ => new BenchmarkOptions(1, 2, 1_000),
            static (options, name, value) =>
                name switch
                {
                    "--rounds" => options with { Rounds = value },
                    "--seconds" => options with { Seconds = value },
                    "--members" => options with { Members = value },
                    _ => null,
                }
        );
}
