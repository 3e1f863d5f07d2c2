using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>
/// A session on a connection of the client, for TLS. It costs more than a <see cref="LoopLink"/>: what it measures includes this side's
/// work.
/// </summary>
internal sealed class ClientLink(BenchSession session) : WebSocketHandler, IBenchLink
{
    private WebSocketConnection _connection = null!;

    public override void OnOpen(WebSocketConnection connection)
    {
        _connection = connection;
        session.Link = this;
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        try
        {
            lock (session.Run.Gate)
            {
                session.OnMessage((Opcode)type, payload);
            }
        }
        catch (BenchFault fault)
        {
            session.Run.Fail(fault);
        }
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) => session.OnEnded();

    public int Send(Script script, ref int slot, ref int part, int count)
    {
        for (int sent = 0; sent < count; sent++)
        {
            if (!_connection.TrySend(script.Payload(slot % script.Kinds), (MessageType)script.Opcode))
            {
                session.Run.Fail(
                    new BenchFault(
                        "The server takes messages more slowly than they are sent, and the send queue is full.",
                        ExitCode.Timeout
                    )
                );
                return sent;
            }

            slot = (slot + 1) % script.Count;
        }

        return count;
    }

    public bool Send(Span<byte> payload, Opcode opcode) => _connection.TrySend(payload, (MessageType)opcode);

    public void Pong(ReadOnlySpan<byte> payload)
    {
        // The connection answers pings by itself.
    }

    public void Pause(TimeSpan time)
    {
        _connection.PauseReceiving();
        _ = Task.Delay(time).ContinueWith(_ => _connection.ResumeReceiving(), TaskScheduler.Default);
    }

    public void EndSending() => _connection.TryClose(CloseStatus.NormalClosure);

    public void Close()
    {
        // The closing handshake has begun, and ends the connection.
    }
}
