namespace Longwire.Hubs;

/// <summary>A client's message of one of the application's types, and the call that handles it.</summary>
/// <param name="Call">The call.</param>
/// <param name="Type">The message's type.</param>
/// <param name="Id">The request's id, if the client gave one.</param>
/// <param name="Json">The whole message.</param>
/// <param name="Content">The message as the application's class.</param>
/// <param name="Room">The room; null for a message outside of rooms.</param>
internal sealed record IncomingMessage(HubCall Call, string Type, string? Id, byte[] Json, object Content, IHubRoom? Room);
