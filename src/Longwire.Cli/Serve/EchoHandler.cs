using System.Buffers;

namespace Longwire.Cli.Serve;

/// <summary>Sends each message back. A client that sends without reading is held back by TCP, not cut off.</summary>
internal sealed class EchoHandler : WebSocketHandler
{
    /// <summary>The largest message that is echoed, in bytes: 64 MiB.</summary>
    public const int MaxMessageBytes = 64 << 20;

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (connection.TrySend(payload, type) || connection.State != WebSocketPhase.Open)
        {
            return;
        }

        connection.PauseReceiving();
        byte[] copy = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(copy);
        _ = SendThenResumeAsync(connection, copy, payload.Length, type);
    }

    private static async Task SendThenResumeAsync(WebSocketConnection connection, byte[] copy, int length, MessageType type)
    {
        try
        {
            await connection.SendAsync(copy.AsMemory(0, length), type);
        }
        catch (WebSocketClosedException)
        {
            // The client has gone: nobody waits for this echo.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
            connection.ResumeReceiving();
        }
    }
}
