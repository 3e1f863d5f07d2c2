using Longwire.Protocol;

namespace Longwire.Cli.Network;

/// <summary>
/// Sees what goes over the wire of one connection, in plain: both handshakes and all control frames; and sends control frames of its
/// own between those of the connection. Its callbacks run on the connection's threads, and must not block.
/// </summary>
internal sealed class WireTap
{
    private TapStream? _stream;

    /// <summary>A handshake's head, as it was sent or received; its first line and its headers.</summary>
    public Action<WireDirection, string>? OnHandshake { get; init; }

    /// <summary>A ping, pong or Close.</summary>
    public Action<WireDirection, Opcode, byte[]>? OnControl { get; init; }

    public Stream Wrap(Stream stream) => _stream = new TapStream(stream, this);

    /// <summary>Sends a ping or pong, behind the message that is being sent if there is one.</summary>
    public Task SendControlAsync(Opcode opcode, ReadOnlyMemory<byte> payload) =>
        _stream?.SendControlAsync(opcode, payload) ?? Task.CompletedTask;
}
