namespace Longwire.Hubs;

/// <summary>
/// Handles messages of a type the application registered. The session's other messages wait until it completes; other sessions
/// don't. If it throws, the client is told <c>internal</c> and the exception is logged.
/// </summary>
/// <param name="request">The message, and how to answer.</param>
public delegate ValueTask HubMessageHandler(HubRequest request);
