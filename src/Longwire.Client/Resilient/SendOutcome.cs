namespace Longwire.Client;

/// <summary>What became of a message when it was sent.</summary>
public enum SendOutcome : byte
{
    /// <summary>It was handed to the connection.</summary>
    Sent,

    /// <summary>It waits in the outbox.</summary>
    Queued,

    /// <summary>It was dropped: there is no connection, and a message of its kind does not wait for one.</summary>
    Dropped,
}
