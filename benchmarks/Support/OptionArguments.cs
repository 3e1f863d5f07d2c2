using System.Globalization;

namespace Longwire.Benchmarks.Support;

/// <summary>Reads a command line of <c>--quick</c>, and of options that take a whole number above 0.</summary>
internal static class OptionArguments
{
    /// <param name="args">The command line.</param>
    /// <param name="options">The defaults.</param>
    /// <param name="quick">The options of a short run, from those that stand before it.</param>
    /// <param name="with">Sets an option by its name; null where there is no such option.</param>
    /// <returns>The options; null for a line that is none.</returns>
    public static T? Read<T>(string[] args, T options, Func<T, T> quick, Func<T, string, int, T?> with)
        where T : class
    {
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                options = quick(options);
                continue;
            }

            string name = args[i++];
            if (
                i == args.Length
                || !int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                || value == 0
                || with(options, name, value) is not { } changed
            )
            {
                return null;
            }

            options = changed;
        }

        return options;
    }
}
