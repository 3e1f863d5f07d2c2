using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>The link that carries the messages of a session.</summary>
internal interface IBenchLink
{
    /// <summary>
    /// Sends the next messages of a script, as many as there is room for; <see cref="BenchSession.OnWritable"/> says when to go on.
    /// </summary>
    /// <param name="script">The messages.</param>
    /// <param name="slot">The next message; moved on.</param>
    /// <param name="part">How many bytes of it have left already.</param>
    /// <param name="count">How many are to be sent.</param>
    /// <returns>How many have left whole.</returns>
    int Send(Script script, ref int slot, ref int part, int count);

    /// <summary>Sends one message; the payload is changed by it.</summary>
    /// <returns>False where there is no room.</returns>
    bool Send(Span<byte> payload, Opcode opcode);

    void Pong(ReadOnlySpan<byte> payload);

    /// <summary>Reads no more for a while.</summary>
    void Pause(TimeSpan time);

    /// <summary>
    /// Begins the closing handshake; over plain TCP it ends this direction. The server's later messages are still received.
    /// </summary>
    void EndSending();

    /// <summary>Ends the connection.</summary>
    void Close();
}
