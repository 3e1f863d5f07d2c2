using Longwire.Benchmarks.Support;

namespace Longwire.Yjs.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each server is measured; they take turns.</param>
/// <param name="Seconds">How long a window is.</param>
/// <param name="Observers">The clients that watch the writer.</param>
/// <param name="People">Clients that show their cursors.</param>
/// <param name="Joins">Clients that join at once.</param>
/// <param name="DocumentMebibytes">The document that they join.</param>
internal sealed record BenchmarkOptions(int Rounds, int Seconds, int Observers, int People, int Joins, int DocumentMebibytes)
{
    public const string Usage =
        "options: --quick, --rounds 3, --seconds 8, --observers 1500, --people 500, --joins 150, --document 20 (MiB)";

    public static BenchmarkOptions? Parse(string[] args) =>
        OptionArguments.Read(
            args,
            new BenchmarkOptions(3, 8, 1_500, 500, 150, 20),
            // The sizes are those of a long run: with less a server has nothing to do.
            static options =>
                options with
                {
                    Rounds = 1,
                    Seconds = 3,
                },
            static (options, name, value) =>
                name switch
                {
                    "--rounds" => options with { Rounds = value },
                    "--seconds" => options with { Seconds = value },
                    "--observers" => options with { Observers = value },
                    "--people" => options with { People = value },
                    "--joins" => options with { Joins = value },
                    "--document" => options with { DocumentMebibytes = value },
                    _ => null,
                }
        );
}
