namespace Longwire.Soak;

/// <summary>A fault that the storm plants on purpose, so that the judge is judged.</summary>
internal enum StormFault
{
    None,

    /// <summary>The clients wait without jitter.</summary>
    NoJitter,

    /// <summary>The server tells every client to come back at the same time.</summary>
    SameTime,

    /// <summary>The server tells all its clients at once to come back at once.</summary>
    AllAtOnce,

    /// <summary>A client in a hundred does not come back.</summary>
    StaysAway,
}
