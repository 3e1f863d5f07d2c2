using System.Globalization;

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

    public static BenchmarkOptions? Parse(string[] args)
    {
        var options = new BenchmarkOptions(3, 8, 1_500, 500, 150, 20);
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                // The sizes are those of a long run: with less a server has nothing to do.
                options = options with
                {
                    Rounds = 1,
                    Seconds = 3,
                };
                continue;
            }

            if (
                i + 1 == args.Length
                || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                || value == 0
            )
            {
                return null;
            }

            switch (args[i++])
            {
                case "--rounds":
                    options = options with { Rounds = value };
                    break;
                case "--seconds":
                    options = options with { Seconds = value };
                    break;
                case "--observers":
                    options = options with { Observers = value };
                    break;
                case "--people":
                    options = options with { People = value };
                    break;
                case "--joins":
                    options = options with { Joins = value };
                    break;
                case "--document":
                    options = options with { DocumentMebibytes = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
