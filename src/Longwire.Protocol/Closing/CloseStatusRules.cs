namespace Longwire.Protocol;

/// <summary>Which close statuses may be on the wire (RFC 6455 §7.4 and the IANA registry).</summary>
public static class CloseStatusRules
{
    /// <summary>Whether a Close frame may carry this status: 1000–1003, 1007–1014 and 3000–4999.</summary>
    /// <param name="status">The status.</param>
    public static bool IsAllowedOnWire(CloseStatus status) =>
        (ushort)status is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
