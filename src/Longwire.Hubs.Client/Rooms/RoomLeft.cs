namespace Longwire.Hubs.Client;

/// <summary>The client is not in a room any more, and did not ask for it. Immutable.</summary>
/// <param name="Code">The error's code, where coming back was refused; empty where the application took the client out.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RoomLeft(string Code, string Reason);
