namespace Longwire.Fuzzing;

/// <summary>The fault that a faulty wire makes, so that the judge of ends shows that it finds it.</summary>
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
