using System.Text;

namespace Longwire;

/// <summary>A message that was read from a connection.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Payload">Its payload. The memory is pooled: it is valid until the next read of the same connection.</param>
public readonly record struct WebSocketMessage(MessageType Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The payload as text. Of a text message it is exact; of a binary one, what is not UTF-8 is replaced.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);
}
