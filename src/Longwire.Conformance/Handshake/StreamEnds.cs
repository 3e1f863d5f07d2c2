using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>The ways to end what carries a WebSocket: one direction of it, or all of it at once.</summary>
internal static class StreamEnds
{
    /// <summary>Ends the output: FIN over TCP, close_notify over TLS, END_STREAM over HTTP/2. The peer's bytes can still be read.</summary>
    public static async Task EndOutputAsync(Stream stream, CancellationToken cancellationToken)
    {
        switch (stream)
        {
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
            case TlsStream tls:
                await tls.ShutdownAsync();
                break;
            case Http2Stream http2:
                await http2.EndOutputAsync(cancellationToken);
                break;
            default:
                throw new InvalidOperationException($"{stream.GetType().Name} has no end of its output alone.");
        }
    }

    /// <summary>Writes, and ends the output in the same segment or frame where the system lets it.</summary>
    public static async Task WriteAndEndAsync(Stream stream, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (stream is Http2Stream http2)
        {
            await http2.WriteAsync(octets, endsOutput: true, cancellationToken);
            return;
        }

        Cork(stream);
        await stream.WriteAsync(octets, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await EndOutputAsync(stream, cancellationToken);
    }

    /// <summary>Ends both directions at once: RST over TCP, RST_STREAM over HTTP/2.</summary>
    public static async Task ResetAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (stream is Http2Stream http2)
        {
            await http2.ResetAsync(cancellationToken);
        }
        else if (SocketOf(stream) is { } socket)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
    }

    /// <summary>Lets the other end send little ahead of what is read, so that a slow reader is slow for it, too.</summary>
    public static void Narrow(Stream stream)
    {
        if (SocketOf(stream) is { } socket)
        {
            socket.ReceiveBufferSize = 32 * 1024;
        }
    }

    // Linux then holds back the last segment until the output ends, and sends both in one.
    private static void Cork(Stream stream)
    {
        const int Tcp = 6;
        const int TcpCork = 3;
        if (OperatingSystem.IsLinux() && stream is NetworkStream network)
        {
            network.Socket.SetRawSocketOption(Tcp, TcpCork, BitConverter.GetBytes(1));
        }
    }

    private static Socket? SocketOf(Stream stream) =>
        stream switch
        {
            NetworkStream network => network.Socket,
            TlsStream tls => tls.Socket,
            _ => null,
        };
}
