namespace Longwire.Hubs;

/// <summary>The protocol <c>longwire.v1.json</c>, where there are binary messages and where there is nothing but text.</summary>
internal sealed class JsonProtocol : HubProtocol
{
    private JsonProtocol(bool isMain)
        : base(isMain) { }

    /// <summary>JSON as text, bytes as binary messages: over WebSockets.</summary>
    public static HubProtocol Frames { get; } = new JsonProtocol(isMain: true);

    /// <summary>JSON for all, bytes in base64.</summary>
    public static HubProtocol Text { get; } = new JsonProtocol(isMain: false);

    public override PreparedMessage Write(RoomEvent told) =>
        IsMain ? RoomEventJson.Frame(told)
        : told is PublicationEvent { Publication: { Draft.Kind: ContentKind.Binary } bytes } ? RoomEventJson.FrameAsText(told.Room, bytes)
        : told.FrameBy(Frames);
}
