using System.Globalization;

namespace Longwire.LoadGenerator;

/// <summary>What one measurement is asked to do, read from the command line.</summary>
internal sealed record LoadOptions
{
    /// <summary>Most bytes of payload in one message.</summary>
    public const int MaxPayloadBytes = 64 * 1024 * 1024;

    /// <summary>The name of the server in the report.</summary>
    public string Name { get; init; } = "server";

    /// <summary>Which of several tables this run belongs to.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; init; }

    /// <summary>The request target of the opening handshake.</summary>
    public string Path { get; init; } = "/echo";

    /// <summary>How many connections are open at a time.</summary>
    public int Connections { get; init; } = 200;

    /// <summary>How many messages are under way on each connection: the next one leaves when a reply came.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Payload bytes of each message.</summary>
    public int PayloadBytes { get; init; } = 20;

    /// <summary>Binary messages in place of text.</summary>
    public bool Binary { get; init; }

    /// <summary>No handshake and no frames: the same number of bytes over plain TCP, as the floor to compare with.</summary>
    public bool Raw { get; init; }

    /// <summary>Time before the window, which counts for nothing.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time that is measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(9);

    /// <summary>The process whose CPU time is counted; 0 counts none.</summary>
    public int ServerProcessId { get; init; }

    /// <summary>Reads the command line, or throws <see cref="FormatException"/> with a sentence for the user.</summary>
    public static LoadOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name is "--binary")
            {
                options = options with { Binary = true };
                continue;
            }

            if (name is "--raw")
            {
                options = options with { Raw = true };
                continue;
            }

            if (i + 1 == arguments.Length)
                throw new FormatException($"{name} wants a value.");
            string value = arguments[++i];
            options = name switch
            {
                "--name" => options with { Name = value },
                "--scenario" => options with { Scenario = value },
                "--port" => options with { Port = Number(name, value, 1, 65535) },
                "--path" => options with { Path = value },
                "--connections" => options with { Connections = Number(name, value, 1, 15000) },
                "--in-flight" => options with { InFlight = Number(name, value, 1, 4096) },
                "--payload" => options with { PayloadBytes = Number(name, value, 0, MaxPayloadBytes) },
                "--warm-up" => options with { WarmUp = Seconds(name, value) },
                "--window" => options with { Window = Seconds(name, value) },
                "--server-pid" => options with { ServerProcessId = Number(name, value, 1, int.MaxValue) },
                _ => throw new FormatException($"{name} is no option. See --help."),
            };
        }

        if (options.Port == 0)
            throw new FormatException("--port is missing.");
        if (options.Window <= TimeSpan.Zero)
            throw new FormatException("--window must be more than 0 seconds.");
        return options;
    }

    private static int Number(string name, string value, int minimum, int maximum) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum
            ? number
            : throw new FormatException($"{name} wants a whole number from {minimum} to {maximum}, not '{value}'.");

    private static TimeSpan Seconds(string name, string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"{name} wants seconds up to 3600, not '{value}'.");
}
