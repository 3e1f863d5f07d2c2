namespace Longwire.Protocol.Tests;

/// <summary>Faults that are planted into the closing half, to show that its judge finds them.</summary>
public enum ClosingFault
{
    None,
    SendsItsCloseTwice,
    SendsTheCallersCloseForTheOneThatIsOwed,
    AnswersTheEndOfTcpByAFrame,
    TakesAFaultForAClose,
    MissesThePeersEndOfTcp,
    MissesThatThePeerTakesNothing,
    EndsTcpBeforeAllHasLeft,
    EndsTcpInsideOfARead,
    EndsTcpDuringAFlush,
    EndsTcpFirstAsAClient,
    GivesTheReaderAllOfTheTime,
    DoesNotRenewThePeersTime,
    NeverAbortsBehindItsEndOfTcp,
    AbortsWhatHasEnded,
    CompletesDuringAFlush,
    CompletesBeforeTheReader,
    CompletesTwice,
    TellsTheWrongStatus,
}
