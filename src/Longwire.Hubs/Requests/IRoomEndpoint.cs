namespace Longwire.Hubs;

/// <summary>The application's side of rooms, as far as requests concern it. It is called in the session's turn.</summary>
internal interface IRoomEndpoint
{
    /// <summary>The template of the rooms' names.</summary>
    string Pattern { get; }

    /// <summary>Whether members only read.</summary>
    bool IsReadOnly { get; }

    /// <summary>Whether texts are written so that they are no markup.</summary>
    bool HasSafeText { get; }

    /// <summary>Whether members are told of each other.</summary>
    bool HasPresence { get; }

    /// <summary>Whether the application is asked before a <c>message</c> is published.</summary>
    bool HasFilters { get; }

    /// <summary>Whether a <c>message</c> is the application's, and not published as it is.</summary>
    bool TakesContent { get; }

    /// <summary>Whether binary messages are the application's, and not published.</summary>
    bool TakesBytes { get; }

    /// <summary>An identity as members are shown it.</summary>
    HubIdentity Show(HubIdentity identity);

    /// <summary>A content as members are shown it.</summary>
    byte[] Show(byte[] content);

    /// <summary>Makes a map's value one of its type, where the application says which; or says what is wrong with it.</summary>
    HubError? Conform(ref MapChange change);

    /// <summary>Asks whether a session may join. Returns null when it may.</summary>
    ValueTask<HubError?> AdmitAsync(HubSession session, string room);

    /// <summary>Whether a member may stay, now that its token says something else about the user.</summary>
    ValueTask<bool> MayStayAsync(HubSession session, string room);

    /// <summary>Asks whether a member may publish a message of a type. Returns null when it may.</summary>
    ValueTask<HubError?> MayPublishAsync(HubSession session, string room, string type);

    /// <summary>Asks whether a member may change the room's map. Returns null when it may.</summary>
    ValueTask<HubError?> MayChangeAsync(HubSession session, string room, MapChange change);

    /// <summary>Takes a <c>message</c>.</summary>
    ValueTask TakeContent(HubSession session, in ClientMessage message, Membership membership);

    /// <summary>Takes a binary message.</summary>
    ValueTask TakeBytesAsync(HubSession session, string room, string? id, byte[] payload);

    /// <summary>A member's connection was lost.</summary>
    ValueTask OnLostAsync(HubSession session, string room);

    /// <summary>A session was admitted, and did not come.</summary>
    ValueTask OnAbsentAsync(HubSession session, string room);

    /// <summary>A member has left; without a cause it is another node's.</summary>
    ValueTask OnLeftAsync(HubSession session, string room, LeaveCause? cause);
}
