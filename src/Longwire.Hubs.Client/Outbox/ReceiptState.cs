namespace Longwire.Hubs.Client;

/// <summary>The state of a publication.</summary>
public enum ReceiptState : byte
{
    /// <summary>It waits in the outbox, and was never sent.</summary>
    Queued,

    /// <summary>It was sent, and the hub has not answered yet; it is sent again where it must be.</summary>
    Sent,

    /// <summary>The hub has published it, once.</summary>
    Acked,

    /// <summary>It was not published, and won't be.</summary>
    Refused,

    /// <summary>
    /// It was sent, and whether the hub published it is not known: the hub remembers it no longer, so that it can't be sent again.
    /// </summary>
    Uncertain,
}
