using System.Globalization;

namespace Longwire.Soak;

/// <summary>The options of a command line, each with a value, as the runs ask for them.</summary>
internal sealed class SoakArguments
{
    private readonly Dictionary<string, string> _values = [];
    private string? _fault;

    public SoakArguments(params ReadOnlySpan<string> arguments)
    {
        for (int i = 0; i < arguments.Length; i += 2)
        {
            _values[arguments[i]] = i + 1 < arguments.Length ? arguments[i + 1] : "";
        }
    }

    /// <summary>The first value that can't be used, or an option that nobody asked for; null when all was understood.</summary>
    public string? Error => _fault ?? _values.Select(static value => $"{value.Key} {value.Value} is no option.").FirstOrDefault();

    public SoakTransport Transport =>
        Take(
            "--transport",
            SoakTransport.IoUring,
            static text => Enum.TryParse(text, ignoreCase: true, out SoakTransport value) && Enum.IsDefined(value) ? value : null
        );

    /// <summary>Another one for each run where none is given.</summary>
    public int Seed =>
        Take(
            "--seed",
            Environment.TickCount,
            static text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null
        );

    /// <summary>The length of the run.</summary>
    /// <param name="usual">Where none is given.</param>
    public TimeSpan Minutes(double usual) =>
        Take(
            "--minutes",
            TimeSpan.FromMinutes(usual),
            static text =>
                double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value > 0
                    ? TimeSpan.FromMinutes(value)
                    : null
        );

    /// <summary>A whole number.</summary>
    public int Number(string name, int usual, int least, int most) =>
        Take(
            name,
            usual,
            text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
                    ? value
                    : null
        );

    private T Take<T>(string name, T usual, Func<string, T?> read)
        where T : struct
    {
        if (!_values.Remove(name, out string? text))
        {
            return usual;
        }

        T? value = read(text);
        _fault ??= value is null ? $"{name} {text} is no option." : null;
        return value ?? usual;
    }
}
