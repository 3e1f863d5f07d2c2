using System.Net.WebSockets;

namespace Longwire.Yjs.Benchmarks;

/// <summary>
/// A client that joins a large document and keeps nothing of it: 150 that did would hold more than a process of ours takes from peers.
/// </summary>
internal static class Joiner
{
    /// <summary>Joins; again, as the provider does, when the server cuts it off.</summary>
    /// <returns>The bytes of the answer, and how often it was begun.</returns>
    public static async Task<(long Bytes, int Attempts)> JoinAsync(string address)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.Proxy = null;
            try
            {
                await socket.ConnectAsync(new Uri(address), CancellationToken.None);
                await socket.SendAsync(Editor.Step1, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
                if (await ReceiveAsync(socket) is { } bytes)
                {
                    return (bytes, attempt);
                }
            }
            catch (WebSocketException)
            {
                await Task.Delay(100);
            }
        }
    }

    // Null when the server closes before the answer has ended.
    private static async Task<long?> ReceiveAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[64 << 10];
        long bytes = 0;
        while (true)
        {
            ValueWebSocketReceiveResult piece = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (piece.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            bool isEndOfAnswer = buffer is [0, 1, ..];
            bytes += piece.Count;
            while (!piece.EndOfMessage)
            {
                piece = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                bytes += piece.Count;
            }

            if (isEndOfAnswer)
            {
                return bytes;
            }
        }
    }
}
