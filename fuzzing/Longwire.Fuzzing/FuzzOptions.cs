using System.Globalization;

namespace Longwire.Fuzzing;

/// <summary>The command line.</summary>
internal sealed record FuzzOptions(string Target, TimeSpan Time, int Seed, int Threads, string? Replay)
{
    public const string Usage = """
        ./fuzz TARGET --seconds N [--seed S] [--threads T]
        ./fuzz all --seconds N [--seed S] [--threads T]     each target for that long
        ./fuzz TARGET --replay FILE                         runs the input of a finding again

        """;

    /// <summary>Null, and what is wrong, when the line can't be understood.</summary>
    public static FuzzOptions? Parse(string[] arguments, IReadOnlyCollection<string> targets, out string error)
    {
        error = "";
        if (arguments.Length == 0 || (arguments[0] != "all" && !targets.Contains(arguments[0])))
        {
            error = $"The targets are: {string.Join(", ", targets)}, all.";
            return null;
        }

        int? seconds = null;
        int seed = Environment.TickCount;
        int threads = 1;
        string? replay = null;
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            bool isNumber = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number);
            switch (arguments[i])
            {
                case "--seconds" when number > 0:
                    seconds = number;
                    break;
                case "--seed" when isNumber:
                    seed = number;
                    break;
                case "--threads" when number > 0:
                    threads = number;
                    break;
                case "--replay" when value.Length != 0 && arguments[0] != "all":
                    replay = value;
                    break;
                default:
                    error = $"{arguments[i]} {value} is no option.";
                    return null;
            }
        }

        if (seconds is null && replay is null)
        {
            error = "--seconds or --replay is needed.";
            return null;
        }

        return new FuzzOptions(arguments[0], TimeSpan.FromSeconds(seconds ?? 0), seed, threads, replay);
    }
}
