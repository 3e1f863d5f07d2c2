namespace Longwire;

/// <summary>The outcome of sending a message.</summary>
internal enum SendOutcome : byte
{
    /// <summary>It is written or queued.</summary>
    Taken,

    /// <summary>There is no room for it.</summary>
    Full,

    /// <summary>There is no room for it, and the connection closes for that.</summary>
    TooSlow,

    /// <summary>The connection is closed or closing.</summary>
    Closed,
}
