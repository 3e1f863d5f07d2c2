namespace Longwire.Hubs.Engines;

/// <summary>A session, as a node needs it that goes on with it. There is no secret in it, and no token.</summary>
/// <param name="ClientId">The session's client id.</param>
/// <param name="Secret">The hash of the newest secret.</param>
/// <param name="User">The user.</param>
public sealed record SessionRecord(string ClientId, SecretHash Secret, SessionUser User)
{
    /// <summary>The hash of the secret before, by which the client may come back too; null for none.</summary>
    public SecretHash? FormerSecret { get; init; }

    /// <summary>For how long the secret before is good still, from when the record is saved.</summary>
    public TimeSpan FormerSecretAge { get; init; }

    /// <summary>The client's own name for the source of its requests' ids; null for none.</summary>
    public string? Producer { get; init; }

    /// <summary>The rooms that the session is a member of.</summary>
    public IReadOnlyList<SessionRoom> Rooms { get; init; } = [];
}
