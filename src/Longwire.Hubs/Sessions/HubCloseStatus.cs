namespace Longwire.Hubs;

/// <summary>The close statuses of the hub's own, from the range that RFC 6455 §7.4.2 leaves to applications.</summary>
public static class HubCloseStatus
{
    /// <summary>4001: the same session came back on another connection.</summary>
    public const CloseStatus SessionReplaced = (CloseStatus)4001;

    /// <summary>4002: the application threw the client out; it should not come back.</summary>
    public const CloseStatus Kicked = (CloseStatus)4002;

    /// <summary>4003: the token expired; come back with a new one.</summary>
    public const CloseStatus TokenExpired = (CloseStatus)4003;

    /// <summary>4008: the client did not keep up with what was sent to it; come back and recover.</summary>
    public const CloseStatus TooSlow = (CloseStatus)4008;

    /// <summary>
    /// Whether a session whose connection ended so may be resumed: not after a goodbye of either side, and not after the client
    /// was refused or thrown out.
    /// </summary>
    internal static bool IsResumable(CloseStatus status) =>
        status
            is not (
                CloseStatus.NormalClosure
                or CloseStatus.GoingAway
                or CloseStatus.NoStatus
                or CloseStatus.PolicyViolation
                or SessionReplaced
                or Kicked
            );
}
