using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace Longwire.Hubs.Client;

/// <summary>Keeps messages for a reader, up to a limit; what comes beyond it the room recovers once the reader has caught up.</summary>
internal sealed class ReaderSink<T>(JsonTypeInfo<T> metadata, HubClientRoom room, int limit) : MessageSink(typeof(T))
{
    private readonly Channel<RoomMessage<T>> _messages = Channel.CreateUnbounded<RoomMessage<T>>(
        new UnboundedChannelOptions { SingleWriter = true }
    );

    public override bool IsFull => _messages.Reader.Count >= limit;

    public override void Take(in HubFrame frame, RoomSender sender, RoomPosition position, bool followsReset)
    {
        T content = JsonSerializer.Deserialize(ContentOf(frame), metadata)!;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(frame.Timestamp);
        _messages.Writer.TryWrite(new RoomMessage<T>(content, sender, time, position, followsReset));
    }

    public override void End(Exception? error) => _messages.Writer.TryComplete(error);

    public bool TryRead(out RoomMessage<T> message)
    {
        bool read = _messages.Reader.TryRead(out message);
        if (read && _messages.Reader.Count <= limit / 2)
        {
            room.CatchUp();
        }

        return read;
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _messages.Reader.WaitToReadAsync(cancellationToken);
}
