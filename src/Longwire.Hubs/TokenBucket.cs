namespace Longwire.Hubs;

/// <summary>
/// A bucket of tokens that refills at a steady rate; each message takes one. All that is kept is when it will be full again: a new bucket
/// is. Not thread-safe: its owner guards it.
/// </summary>
internal struct TokenBucket
{
    private long _fullAtTicks;

    /// <summary>Checks a rate and its burst.</summary>
    /// <param name="option">The option that they are the value of, as configuration has it.</param>
    /// <param name="rateName">The name of the rate.</param>
    /// <param name="rate">How much a second.</param>
    /// <param name="burst">How much at once.</param>
    public static void Validate(string option, string rateName, double rate, long burst)
    {
        if (!double.IsFinite(rate) || rate <= 0)
        {
            throw Fault(rateName, rate);
        }

        if (burst <= 0)
        {
            throw Fault("Burst", burst);
        }

        ArgumentOutOfRangeException Fault(string name, object value) =>
            new($"{option}:{name}", value, $"{option}:{name} has to be more than 0.");
    }

    /// <summary>How long until it holds the whole burst again.</summary>
    public readonly TimeSpan TimeUntilFull(TimeSpan now) => new(Math.Max(0, _fullAtTicks - now.Ticks));

    /// <summary>Takes a token, or says when there will be one.</summary>
    /// <param name="rate">The rate and the burst; slower than one a day counts as one a day.</param>
    /// <param name="now">Now, by the hub's clock.</param>
    /// <param name="retryAfter">When to try again.</param>
    public bool TryTake(RateLimitOptions rate, TimeSpan now, out TimeSpan retryAfter)
    {
        long fullAt = Math.Max(_fullAtTicks, now.Ticks) + rate.Interval;
        double tooMuch = fullAt - now.Ticks - ((double)rate.Interval * rate.Burst);
        if (tooMuch > 0)
        {
            retryAfter = new TimeSpan((long)Math.Ceiling(tooMuch));
            return false;
        }

        _fullAtTicks = fullAt;
        retryAfter = TimeSpan.Zero;
        return true;
    }

    /// <summary>
    /// Takes as many tokens as a message has bytes, where there is one at all, or says when there will be one. So no message is too large,
    /// and the bucket may owe what the last one took too many.
    /// </summary>
    /// <param name="rate">The rate and the burst.</param>
    /// <param name="bytes">How long the message is.</param>
    /// <param name="now">Now, by the hub's clock.</param>
    /// <param name="retryAfter">When to try again.</param>
    public bool TryTake(ByteRateOptions rate, int bytes, TimeSpan now, out TimeSpan retryAfter)
    {
        long fullAt = Math.Max(_fullAtTicks, now.Ticks);
        double tooMuch = fullAt - now.Ticks - Math.Min(rate.TicksOfByte * rate.Burst, TimeSpan.TicksPerDay);
        if (tooMuch >= 0)
        {
            retryAfter = new TimeSpan((long)tooMuch + 1);
            return false;
        }

        // A part of a tick counts as a whole one.
        _fullAtTicks = fullAt + (long)Math.Min(rate.TicksOfByte * bytes, TimeSpan.TicksPerDay) + 1;
        retryAfter = TimeSpan.Zero;
        return true;
    }
}
