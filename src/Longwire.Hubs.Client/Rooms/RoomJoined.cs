using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>A room as it was when the client joined it. Immutable.</summary>
/// <param name="Members">How many sessions were in it.</param>
/// <param name="Position">Where it was.</param>
/// <param name="State">The room's state, where it was asked for and the room shows one; else null.</param>
/// <param name="StateVersion">The state's version; null for none.</param>
public sealed record RoomJoined(int Members, RoomPosition Position, JsonElement? State, long? StateVersion);
