using System.Globalization;

namespace Longwire.Hubs.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each server is measured; they take turns.</param>
/// <param name="Seconds">How long a window is, behind a warm-up of a third of that.</param>
/// <param name="Members">The members of the large room, and how many join and leave; the small one has a tenth.</param>
internal sealed record BenchmarkOptions(int Rounds, int Seconds, int Members)
{
    public const string Usage = "options: --quick, --rounds 3, --seconds 6, --members 10000";

    public static BenchmarkOptions? Parse(string[] args)
    {
        var options = new BenchmarkOptions(3, 6, 10_000);
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                options = new BenchmarkOptions(1, 2, 1_000);
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
                case "--members":
                    options = options with { Members = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
