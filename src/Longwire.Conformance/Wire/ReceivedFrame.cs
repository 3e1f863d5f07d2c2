namespace Longwire.Conformance;

/// <summary>A frame as the peer sent it, unmasked.</summary>
internal readonly record struct ReceivedFrame(bool Fin, byte Rsv, byte Opcode, bool Masked, byte[] Payload, bool MinimalLength)
{
    public bool IsControl => (Opcode & 8) != 0;
}
