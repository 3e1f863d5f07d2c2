using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

internal static class SocketExtensions
{
    public static async Task<byte[]> ReceiveExactlyAsync(this Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        int received = 0;
        while (received < count)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(received)).AsTask().WaitAsync(TestServer.Patience);
            if (read == 0)
            {
                throw new EndOfStreamException($"The end after {received} of {count} bytes.");
            }

            received += read;
        }

        return buffer;
    }

    public static async Task<byte[]> ReceiveToEndAsync(this Socket socket)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer).WaitAsync(TestServer.Patience) is var read and > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await socket.SendAsync(data).AsTask().WaitAsync(TestServer.Patience)..];
        }
    }

    /// <summary>Closes with a reset.</summary>
    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }
}
