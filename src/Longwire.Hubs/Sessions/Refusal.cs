namespace Longwire.Hubs;

/// <summary>Why a client is not let in: how its connection is closed.</summary>
internal sealed record Refusal(CloseStatus Status, string Reason)
{
    public static readonly Refusal InvalidAuthentication = new(CloseStatus.PolicyViolation, "Invalid authentication");
    public static readonly Refusal InvalidProducer = new(CloseStatus.PolicyViolation, "Invalid producer");
    public static readonly Refusal TooManyConnections = new(CloseStatus.PolicyViolation, "Too many connections");
    public static readonly Refusal ServerFull = new(CloseStatus.PolicyViolation, "Server full");
    public static readonly Refusal TryAgainLater = new(CloseStatus.TryAgainLater, "Try again later");

    public static readonly Refusal Replaced = new(HubCloseStatus.SessionReplaced, "Session replaced");

    /// <summary>How long the client is banned; null where it is not.</summary>
    public TimeSpan? BannedFor { get; private init; }

    public static Refusal Banned(TimeSpan time) => new(HubCloseStatus.Kicked, HubError.Banned.Message) { BannedFor = time };
}
