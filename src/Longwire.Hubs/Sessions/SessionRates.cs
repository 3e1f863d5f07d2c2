namespace Longwire.Hubs;

/// <summary>
/// How fast one session may send and join, beside what its user or its address may. The count of its messages lies in the session itself,
/// since there may be very many; what is here is for limits that most hubs don't set. The session's turns guard it.
/// </summary>
internal sealed class SessionRates
{
    private TokenBucket _bytes;
    private TokenBucket _joins;

    /// <summary>Counts a message, or says when to try again.</summary>
    /// <param name="messages">The count of the session's messages.</param>
    /// <param name="extras">The session's further fields; there where the session has a limit of bytes.</param>
    /// <param name="account">The user's account, or the address's.</param>
    /// <param name="settings">The limits.</param>
    /// <param name="bytes">How long the message is.</param>
    /// <param name="now">Now, by the hub's clock.</param>
    /// <param name="retryAfter">When to try again.</param>
    public static bool TryTake(
        ref TokenBucket messages,
        SessionExtras? extras,
        Account? account,
        LongwireHubOptions settings,
        int bytes,
        TimeSpan now,
        out TimeSpan retryAfter
    )
    {
        retryAfter = TimeSpan.Zero;
        bool hasUser = extras?.Guest is not null || account is { IsUser: true };
        // As long as nobody has signed in, no user's account counts the user's rate.
        RateLimitOptions? rate = settings.SessionRateLimit ?? (hasUser ? null : settings.RateLimit);
        return (rate is null || messages.TryTake(rate, now, out retryAfter))
            && (settings.SessionByteRate is not { } byteRate || extras!.Rates._bytes.TryTake(byteRate, bytes, now, out retryAfter))
            && (extras?.Guest is not { } guest || guest.TryTake(settings, bytes, now, out retryAfter))
            && (account is null || account.TryTake(settings, bytes, now, out retryAfter));
    }

    /// <summary>The same for a join; the extras are there where the session has a limit of joins.</summary>
    public static bool TryTakeJoin(
        SessionExtras? extras,
        Account? account,
        LongwireHubOptions settings,
        TimeSpan now,
        out TimeSpan retryAfter
    )
    {
        retryAfter = TimeSpan.Zero;
        return (settings.SessionJoinRate is not { } rate || extras!.Rates._joins.TryTake(rate, now, out retryAfter))
            && (account is null || account.TryTakeJoin(settings, now, out retryAfter));
    }
}
