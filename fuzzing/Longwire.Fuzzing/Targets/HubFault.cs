namespace Longwire.Fuzzing;

/// <summary>Ways in which a hub could be wrong, planted to judge the judge.</summary>
internal enum HubFault
{
    None,

    /// <summary>The ids of requests don't count.</summary>
    NoDeduplication,

    /// <summary>Two messages reach a client in the wrong order.</summary>
    ReorderedPair,

    /// <summary>The first live message after a resume is lost.</summary>
    DroppedAfterResume,

    /// <summary>A message reaches a client twice.</summary>
    DeliveredTwice,

    /// <summary>A message reaches a client with other content.</summary>
    ChangedContent,

    /// <summary>Messages for which a slow client has no room are lost, and its connection stays.</summary>
    DroppedWhenFull,

    /// <summary>A member that leaves stays one.</summary>
    LeakedMember,

    /// <summary>The engine gives an offset a second time.</summary>
    OffsetUsedTwice,

    /// <summary>A page of history lacks a publication.</summary>
    HoleInHistory,

    /// <summary>An unrecoverable gap is reported as recovered.</summary>
    FalselyRecovered,

    /// <summary>A recoverable gap is reported as unrecoverable.</summary>
    NeverRecovered,

    /// <summary>A message is acknowledged and not published.</summary>
    AckWithoutPublishing,

    /// <summary>Nobody is told that something was lost.</summary>
    SwallowedReset,

    /// <summary>The state shown to a joiner lacks a publication that came before.</summary>
    OldState,

    /// <summary>A resumed session is another one.</summary>
    OtherSessionAfterResume,

    /// <summary>A page of a map lacks a key.</summary>
    HoleInMap,

    /// <summary>Keys that were removed are not among those that changed.</summary>
    ForgottenRemoval,

    /// <summary>A client is shown changes of a map before it is told of them.</summary>
    MapAhead,

    /// <summary>A map is said to be whole, and is only what changed.</summary>
    FalselyWhole,

    /// <summary>A change of a map is made although its condition does not hold.</summary>
    IgnoredCondition,

    /// <summary>A change of a map reaches a client with another value.</summary>
    ChangedValue,

    /// <summary>Differences of the presence are lost, and nobody is told.</summary>
    DroppedDifference,

    /// <summary>Users who have left are not among those that changed.</summary>
    ForgottenLeave,

    /// <summary>Nobody is told that differences of the presence were lost.</summary>
    SwallowedPresenceReset,

    /// <summary>A marker goes back.</summary>
    MarkerGoesBack,

    /// <summary>Changes of the map count as unread.</summary>
    UnreadChanges,

    /// <summary>A marker is acknowledged and does not move.</summary>
    LostMarker,

    /// <summary>A message to a user is dropped.</summary>
    DroppedDirect,
}
