using Longwire.Protocol;

namespace Longwire;

/// <summary>The type of a whole message. The values equal the opcodes of a message's first frame.</summary>
public enum MessageType : byte
{
    /// <summary>UTF-8 text. A received message of this type is valid UTF-8; a message to send must be.</summary>
    Text = Opcode.Text,

    /// <summary>Any bytes.</summary>
    Binary = Opcode.Binary,
}
