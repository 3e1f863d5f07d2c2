namespace Longwire.Conformance;

/// <summary>Things that the suite leaves undone on purpose, in a case that is about them.</summary>
[Flags]
internal enum SuiteHabits
{
    None,

    /// <summary>Pongs are no events: for cases that last so long that a peer may show by one, unasked, that it lives.</summary>
    IgnoresPongs,

    /// <summary>The peer's Close frame is not answered: for the cases about a peer that waits for it.</summary>
    LeavesCloseUnanswered,
}
