namespace Longwire.Soak;

/// <summary>The faults that can be planted in the clients, to see that the judge finds them.</summary>
internal enum ClientSoakFault
{
    None,

    /// <summary>A process begins without the outbox that the one before it has left.</summary>
    OutboxForgotten,

    /// <summary>A process publishes something a second time, as another publication.</summary>
    PublishedTwice,

    /// <summary>A reader is not handed a message.</summary>
    NotHanded,
}
