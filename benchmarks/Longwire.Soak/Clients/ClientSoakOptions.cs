using System.Globalization;

namespace Longwire.Soak;

/// <summary>The command line behind <c>clients</c>.</summary>
internal sealed record ClientSoakOptions(
    SoakTransport Transport,
    TimeSpan Time,
    int Seed,
    int Rooms,
    ClientSoakFault Fault = ClientSoakFault.None
)
{
    /// <summary>Null when the line can't be understood.</summary>
    public static ClientSoakOptions? Parse(string[] arguments, out string error)
    {
        error = "";
        var options = new ClientSoakOptions(SoakTransport.IoUring, TimeSpan.FromMinutes(5), Environment.TickCount, 4);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            _ = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            switch (arguments[i])
            {
                case "--minutes" when number > 0:
                    options = options with { Time = TimeSpan.FromMinutes(number) };
                    break;
                case "--rooms" when number is >= 1 and <= 100:
                    options = options with { Rooms = (int)number };
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
