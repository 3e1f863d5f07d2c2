namespace Longwire.Fuzzing;

/// <summary>What a faulty wire does wrong, so that the judge of ends shows that it finds it.</summary>
internal enum EndingFault
{
    None,
    DropsTheTailAtTheEnd,
    DropsTheQueueAtAReset,
    SendsNothingAfterTheEnd,
    LosesTheClose,
    DoublesAMessage,
    DoublesWhatArrives,
    SwapsMessages,
    ForgetsTheEnd,
    CutsOffSlowPeers,
}
