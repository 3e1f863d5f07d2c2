using System.Globalization;
using Longwire.Hubs;

namespace Longwire.Soak;

/// <summary>The command line behind <c>storm</c>.</summary>
internal sealed record StormOptions(int Clients, int Rate, SoakTransport Transport, int Seed, StormFault Fault = StormFault.None)
{
    /// <summary>How long a server that goes away takes to tell its clients.</summary>
    public TimeSpan DrainTime => TimeSpan.FromSeconds((double)Clients / Rate);

    /// <summary>The time over which those who were told come back.</summary>
    public TimeSpan ReconnectOver => DrainTime < _defaultOver ? DrainTime : _defaultOver;

    private static readonly TimeSpan _defaultOver = new HubDrainOptions().ReconnectOver;

    /// <summary>Null when the line can't be understood.</summary>
    public static StormOptions? Parse(string[] arguments, out string error)
    {
        error = "";
        var options = new StormOptions(10_000, 500, SoakTransport.IoUring, Environment.TickCount);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            _ = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            switch (arguments[i])
            {
                case "--clients" when number is >= 200 and <= 18_000:
                    options = options with { Clients = (int)number };
                    break;
                case "--rate" when number is >= 10 and <= 100_000:
                    options = options with { Rate = (int)number };
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed):
                    options = options with { Seed = seed };
                    break;
                case "--transport" when Enum.TryParse(value, ignoreCase: true, out SoakTransport transport) && Enum.IsDefined(transport):
                    options = options with { Transport = transport };
                    break;
                default:
                    error = $"{arguments[i]} {value} is no option.";
                    return null;
            }
        }

        return options;
    }
}
