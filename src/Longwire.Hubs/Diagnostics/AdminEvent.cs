namespace Longwire.Hubs;

/// <summary>The events of the audit log. Their numbers are those of the logger's events, and stay as they are.</summary>
internal enum AdminEvent
{
    /// <summary>A request had no token, or one that is not known.</summary>
    TokenRefused = 60,

    /// <summary>A token did not allow what was asked for.</summary>
    Forbidden = 61,

    /// <summary>A session or a user was kicked.</summary>
    Kicked = 62,

    /// <summary>A session, a user or a token was revoked.</summary>
    Revoked = 63,

    /// <summary>A user or an address was banned, or is not any more.</summary>
    Banned = 64,

    /// <summary>The node was drained.</summary>
    Drained = 65,

    /// <summary>A trace without contents began.</summary>
    TraceBegan = 66,

    /// <summary>A trace with contents began.</summary>
    ContentsTraceBegan = 67,

    /// <summary>A trace ended.</summary>
    TraceEnded = 68,
}
