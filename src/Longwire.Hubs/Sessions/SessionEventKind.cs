namespace Longwire.Hubs;

/// <summary>The kind of an event of a session.</summary>
internal enum SessionEventKind
{
    /// <summary>A connection wants in, new or back.</summary>
    Attach,

    /// <summary>The client sent a message.</summary>
    Message,

    /// <summary>A connection ended.</summary>
    Closed,

    /// <summary>One of the session's deadlines passed.</summary>
    Deadline,

    /// <summary>The application threw the client out.</summary>
    Kick,

    /// <summary>The session's token was revoked.</summary>
    Revoked,

    /// <summary>The application does something with the session.</summary>
    Work,

    /// <summary>The engine has forgotten this node's members: the session is to be one again.</summary>
    AddAgain,

    /// <summary>The session has changed, and is to be saved.</summary>
    Changed,

    /// <summary>Another node has taken the session.</summary>
    Taken,

    /// <summary>The hub stops: the session is over, connected or not.</summary>
    End,
}
