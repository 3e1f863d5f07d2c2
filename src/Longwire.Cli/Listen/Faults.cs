using System.Globalization;

namespace Longwire.Cli.Listen;

/// <summary>The faults that a server makes on purpose, to show how clients take them.</summary>
internal sealed record Faults
{
    public const string Help =
        "Do something wrong on purpose: delay=TIME, drop=N, double=N, corrupt=N (every N-th reply is lost, sent twice, or has a wrong "
        + "byte), stall=N:TIME (before the N-th reply), abort=N (TCP ends at the N-th message), no-pong, wrong-pong. Repeatable.";

    /// <summary>How long each reply waits.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Every so-manieth reply is not sent; 0 for none.</summary>
    public int Drop { get; init; }

    /// <summary>Every so-manieth reply is sent twice.</summary>
    public int Double { get; init; }

    /// <summary>Every so-manieth reply has a wrong byte.</summary>
    public int Corrupt { get; init; }

    /// <summary>The reply before which everything stands still, once.</summary>
    public int StallAt { get; init; }

    public TimeSpan Stall { get; init; }

    /// <summary>The message of a connection at which TCP ends.</summary>
    public int AbortAt { get; init; }

    /// <summary>Whether pings get no pong.</summary>
    public bool NoPong { get; init; }

    /// <summary>Whether pongs carry something else than their pings.</summary>
    public bool WrongPong { get; init; }

    public bool IsOnTheWire => NoPong || WrongPong;

    /// <summary>Reads what was typed.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static Faults Read(IEnumerable<string> typed)
    {
        var faults = new Faults();
        foreach (string fault in typed)
        {
            string[] parts = fault.Split('=', 2);
            string value = parts.Length > 1 ? parts[1] : "";
            faults = (parts[0], value) switch
            {
                ("delay", _) when OptionValues.TryReadTime(value, out TimeSpan delay) => faults with { Delay = delay },
                ("drop", _) when TryReadNumber(value, out int number) => faults with { Drop = number },
                ("double", _) when TryReadNumber(value, out int number) => faults with { Double = number },
                ("corrupt", _) when TryReadNumber(value, out int number) => faults with { Corrupt = number },
                ("abort", _) when TryReadNumber(value, out int number) => faults with { AbortAt = number },
                ("stall", _)
                    when value.Split(':') is [var at, var time]
                        && TryReadNumber(at, out int number)
                        && OptionValues.TryReadTime(time, out TimeSpan stall) => faults with
                {
                    StallAt = number,
                    Stall = stall,
                },
                ("no-pong", "") => faults with { NoPong = true },
                ("wrong-pong", "") => faults with { WrongPong = true },
                _ => throw new FormatException(
                    $"'{fault}' is no fault: write delay=100ms, drop=1000, double=1000, corrupt=5, stall=250:2s, abort=3, "
                        + "no-pong or wrong-pong."
                ),
            };
        }

        return faults;
    }

    private static bool TryReadNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}
