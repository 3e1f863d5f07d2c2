namespace Longwire.Hubs.Benchmarks;

/// <summary>Rooms of one size.</summary>
/// <param name="Name">Their name in tables.</param>
/// <param name="Rooms">How many there are.</param>
/// <param name="Members">How many are in each.</param>
/// <param name="AreGuests">Whether the members have not signed in, and share one address.</param>
/// <param name="AskForAnswers">Whether what is said has an id, and so an <c>ack</c>.</param>
internal sealed record RoomKind(string Name, int Rooms, int Members, bool AreGuests = false, bool AskForAnswers = false);
