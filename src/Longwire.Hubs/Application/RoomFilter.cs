namespace Longwire.Hubs;

/// <summary>
/// Stands around the calls of rooms: joins, behind the policies, and messages. It runs in the session's turn.
/// </summary>
/// <param name="invocation">The call.</param>
/// <param name="next">The rest: further filters, then the hook or handler. Its decision is what they decided.</param>
/// <returns>The decision: that of the rest, or a refusal of its own.</returns>
public delegate ValueTask<HubDecision> RoomFilter(RoomInvocation invocation, Func<ValueTask<HubDecision>> next);
