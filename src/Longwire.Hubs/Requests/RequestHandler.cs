namespace Longwire.Hubs;

/// <summary>Deals with a message of a client. It may fail: the client is told <c>internal</c> then.</summary>
internal delegate ValueTask RequestHandler(HubSession session, in ClientMessage message);
