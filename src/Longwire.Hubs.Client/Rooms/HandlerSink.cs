using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

/// <summary>Calls a handler with each message.</summary>
internal sealed class HandlerSink<T>(Action<T, RoomSender> handler, JsonTypeInfo<T> metadata, HubClientRoom room)
    : MessageSink(typeof(T)),
        IDisposable
{
    public override void Take(in HubFrame frame, RoomSender sender, RoomPosition position, bool followsReset) =>
        handler(JsonSerializer.Deserialize(ContentOf(frame), metadata)!, sender);

    public void Dispose() => room.Remove(this);
}
