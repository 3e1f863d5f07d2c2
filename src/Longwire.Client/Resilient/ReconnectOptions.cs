using System.Runtime.CompilerServices;

namespace Longwire.Client;

/// <summary>When a client comes back. The defaults are those of <c>docs/protocol/client.md</c>.</summary>
public sealed record ReconnectOptions
{
    /// <summary>The most that the first attempt to come back waits. Default 1 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or longer than a day.</exception>
    public TimeSpan InitialDelay
    {
        get;
        set => field = Time(value);
    } = TimeSpan.FromSeconds(1);

    /// <summary>By how much the most grows from attempt to attempt. Default 1.5, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1, or no number.</exception>
    public double DelayFactor
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1.5;

    /// <summary>The most that any attempt waits by itself. Default 30 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or longer than a day.</exception>
    public TimeSpan MaxDelay
    {
        get;
        set => field = Time(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection has to last for the next attempt to count as the first again. Default 5 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or longer than a day.</exception>
    public TimeSpan StableAfter
    {
        get;
        set => field = Time(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>How long an attempt may take, providers and <c>OnOpen</c> included. Default 15 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or longer than a day.</exception>
    public TimeSpan AttemptTimeout
    {
        get;
        set => field = Time(value);
    } = TimeSpan.FromSeconds(15);

    /// <summary>After how many failed attempts to come back, in a row, the client is closed. Default null: it never gives up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int? MaxAttempts
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            field = value;
        }
    }

    private static TimeSpan Time(TimeSpan value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1), name);
        return value;
    }
}
