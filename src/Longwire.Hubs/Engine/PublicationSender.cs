namespace Longwire.Hubs.Engines;

/// <summary>The user in whose name something is published.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The user's name, as others see it.</param>
public sealed record PublicationSender(string UserId, string Username);
