using System.CommandLine;
using System.Globalization;

namespace Longwire.Cli;

/// <summary>Options whose values are numbers, times or ports, checked with an error that says what is wanted.</summary>
internal static class OptionValues
{
    public const int MaxPort = 65535;

    private const double MaxSeconds = 1_000_000;

    /// <summary>An option of whole numbers.</summary>
    public static Option<int> Number(string[] names, string description, int value, int least, int most)
    {
        var option = new Option<int>(names[0], names[1..])
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && !(
                    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                )
            )
            {
                result.AddError($"{names[0]} wants a whole number from {least} to {most}, not '{text}'.");
            }
        });
        return option;
    }

    /// <summary>An option of times: seconds, or a number with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>.</summary>
    public static Option<TimeSpan?> Time(string[] names, string description, bool mayBeEndless = false) =>
        new(names[0], names[1..])
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (mayBeEndless && text == "-1")
                {
                    return Timeout.InfiniteTimeSpan;
                }

                if (TryReadTime(text, out TimeSpan time))
                {
                    return time;
                }

                result.AddError(
                    $"'{text}' is no time: give seconds, or a number with ms, s, m or h{(mayBeEndless ? "; -1 for no end" : "")}."
                );
                return null;
            },
        };

    public static bool TryReadTime(string text, out TimeSpan time)
    {
        (string number, double unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ when text.EndsWith('h') => (text[..^1], 3600),
            _ => (text, 1d),
        };
        bool valid =
            double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * unit <= MaxSeconds;
        time = valid ? TimeSpan.FromSeconds(value * unit) : default;
        return valid;
    }

    /// <summary>A header as it is typed.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static KeyValuePair<string, string> ReadHeader(string line) =>
        line.IndexOf(':', StringComparison.Ordinal) is var colon and > 0
            ? KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim())
            : throw new FormatException($"'{line}' is not a header: write it as 'Name: value'.");

    /// <summary>An address as it is typed.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Uri ReadAddress(string typed) =>
        Arguments.TryReadAddress(typed, out Uri address)
            ? address
            : throw new FormatException($"'{typed}' is not a WebSocket address: write it as ws://host/path or wss://host/path.");
}
