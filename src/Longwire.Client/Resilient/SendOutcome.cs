namespace Longwire.Client;

/// <summary>The outcome of sending a message.</summary>
public enum SendOutcome : byte
{
    /// <summary>It was handed to the connection.</summary>
    Sent,

    /// <summary>It waits in the outbox.</summary>
    Queued,

    /// <summary>It was dropped: there is no connection, and a message of its kind does not wait for one.</summary>
    Dropped,
}
