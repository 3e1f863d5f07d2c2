namespace Longwire.Hubs;

/// <summary>
/// The secrets by which a session is resumed: the newest, and the one before for as long as the client may not have read the newest.
/// Immutable, because the hub's threads compare while the session renews.
/// </summary>
internal sealed class SessionSecrets(byte[] newest, byte[]? former = null, TimeSpan formerUntil = default)
{
    public ReadOnlySpan<byte> Newest => newest;

    public bool HasFormer => former is not null;

    public bool Include(ReadOnlySpan<byte> secret, TimeSpan now) =>
        SessionSecret.AreEqual(secret, newest) || (former is not null && now < formerUntil && SessionSecret.AreEqual(secret, former));

    public SessionSecrets WithoutFormer() => new(newest);
}
