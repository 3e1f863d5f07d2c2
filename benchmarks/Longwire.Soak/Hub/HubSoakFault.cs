namespace Longwire.Soak;

/// <summary>The faults that can be planted in one client's messages, to see that the judge finds them.</summary>
internal enum HubSoakFault
{
    None,

    /// <summary>A message never arrives.</summary>
    Lost,

    /// <summary>A message arrives twice.</summary>
    Doubled,

    /// <summary>Two messages arrive the wrong way round.</summary>
    Reordered,

    /// <summary>A message has another content than at the other clients.</summary>
    Changed,

    /// <summary>An ack comes for something that was never published.</summary>
    FalseAck,

    /// <summary>A recovery misses its last message.</summary>
    ShortRecovery,

    /// <summary>Something that was sent again is published a second time.</summary>
    PublishedTwice,
}
