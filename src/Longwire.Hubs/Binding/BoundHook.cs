namespace Longwire.Hubs;

/// <summary>Calls a hook whose parameters are bound.</summary>
/// <param name="call">The call.</param>
/// <param name="values">The values that come with it, of the types that were given when it was bound.</param>
/// <returns>The hook's result, awaited; null for none.</returns>
internal delegate ValueTask<object?> BoundHook(HubCall call, params object?[] values);
