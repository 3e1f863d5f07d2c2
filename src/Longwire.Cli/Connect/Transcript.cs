using Longwire.Cli.Network;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>Tells of a conversation as it goes on. Safe from any thread.</summary>
internal abstract class Transcript
{
    /// <summary>The connection is open.</summary>
    /// <param name="address">Without what may be secret.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="times">How long it took.</param>
    public abstract void Opened(string address, WebSocketConnection connection, ConnectTimes times);

    /// <summary>A message has come.</summary>
    /// <exception cref="OutputException">The output can't be written.</exception>
    public abstract void Message(WebSocketMessage message);

    /// <summary>A ping or pong has come.</summary>
    public abstract void Ping(Opcode opcode, byte[] payload);

    /// <summary>A handshake's head, or a control frame, for those who want to see all.</summary>
    public abstract void Wire(WireDirection direction, string text);

    /// <summary>Something that is no payload.</summary>
    public abstract void Note(string text);

    /// <summary>The connection has ended.</summary>
    public abstract void Closed(CloseStatus status, string reason);

    /// <summary>There is no connection, or an aim was missed.</summary>
    public abstract void Failed(string text, int exitCode);

    /// <summary>Shows the last message whole.</summary>
    public virtual void ShowLast() { }
}
