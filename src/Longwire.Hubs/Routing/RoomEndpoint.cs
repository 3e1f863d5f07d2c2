namespace Longwire.Hubs;

/// <summary>What the application mapped rooms of one template to.</summary>
internal sealed class RoomEndpoint(RoomTemplate template, RoomOptions options)
{
    public RoomTemplate Template { get; } = template;

    public RoomOptions Options { get; } = options;
}
