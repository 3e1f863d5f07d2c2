using System.Text;

namespace Longwire.Hubs.Client;

/// <summary>Takes a room's messages of one type.</summary>
internal abstract class MessageSink(Type type)
{
    private readonly byte[] _type = Encoding.UTF8.GetBytes(HubMessageAttribute.TypeOf(type));

    /// <summary>Whether no more fits until something is taken out.</summary>
    public virtual bool IsFull => false;

    public bool Takes(ReadOnlySpan<byte> messageType) => messageType.SequenceEqual(_type);

    /// <summary>Takes a message of the type.</summary>
    public abstract void Take(in HubFrame frame, RoomSender sender, RoomPosition position, bool followsReset);

    /// <summary>No message follows.</summary>
    public virtual void End(Exception? error) { }

    protected static ReadOnlySpan<byte> ContentOf(in HubFrame frame) => frame.HasMessage ? frame.Message : frame.Json;
}
