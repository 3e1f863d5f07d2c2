namespace Longwire.Hubs;

/// <summary>
/// The secrets by which a session is resumed: the newest, and the one before for as long as the client may not have read the newest. Only
/// hashes are kept, and they are compared in constant time.
/// </summary>
internal struct SessionSecrets
{
    private SecretHash _newest;
    private FormerSecret? _former;

    public readonly bool HasFormer => _former is not null;

    public readonly SecretHash Newest => _newest;

    /// <summary>A secret takes the place of the newest.</summary>
    /// <param name="secret">The new one.</param>
    /// <param name="former">The one by which the client came back, if that stays good for a while.</param>
    /// <param name="formerUntil">Until when.</param>
    public void Renew(SecretHash secret, SecretHash? former = null, TimeSpan formerUntil = default)
    {
        _newest = secret;
        _former = former is { } hash ? new FormerSecret(hash, formerUntil) : null;
    }

    public void ForgetFormer() => _former = null;

    public readonly bool Include(SecretHash secret, TimeSpan now) =>
        secret.Matches(_newest) || (FindFormer(now, out _) is { } former && secret.Matches(former));

    public readonly bool IsNewest(ReadOnlySpan<byte> secret) => SecretHash.Of(secret).Matches(_newest);

    /// <summary>The secret before the newest, if it is good still, and for how long.</summary>
    public readonly SecretHash? FindFormer(TimeSpan now, out TimeSpan age)
    {
        age = _former is { } former && now < former.Until ? former.Until - now : TimeSpan.Zero;
        return age > TimeSpan.Zero ? _former!.Hash : null;
    }

    private sealed record FormerSecret(SecretHash Hash, TimeSpan Until);
}
