using System.Net.Sockets;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Soak;

/// <summary>A client that may stop, break rules and go away at any byte.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NetworkStream _stream;

    private RawSocket(SoakTarget target, int receiveBufferBytes)
    {
        if (receiveBufferBytes > 0)
        {
            _socket.ReceiveBufferSize = receiveBufferBytes;
        }

        _socket.Connect(target.EndPoint);
        _stream = new NetworkStream(_socket, ownsSocket: true);
    }

    public static string Handshake { get; } =
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    public static RawSocket Connect(SoakTarget target, int receiveBufferBytes = 0) => new(target, receiveBufferBytes);

    public static async Task<RawSocket> OpenAsync(SoakTarget target, string path, int receiveBufferBytes = 0)
    {
        RawSocket socket = Connect(target, receiveBufferBytes);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Handshake.Replace("/echo", path, StringComparison.Ordinal)));
        string head = await socket.ReadHeadAsync();
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The handshake was refused: " + head);
        }

        return socket;
    }

    /// <summary>A masked frame.</summary>
    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, uint maskingKey, bool fin = true)
    {
        var header = new FrameHeader(opcode, payload.Length, maskingKey, fin);
        byte[] frame = new byte[header.Length + payload.Length];
        header.Write(frame);
        Masking.Apply(payload, frame.AsSpan(header.Length), maskingKey);
        return frame;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await _stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async Task<(FrameHeader Header, byte[] Payload)> ReadFrameAsync()
    {
        byte[] bytes = new byte[FrameHeader.MaxLength];
        await _stream.ReadExactlyAsync(bytes.AsMemory(0, 2));
        int length = (bytes[1] & 127) switch
        {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        await _stream.ReadExactlyAsync(bytes.AsMemory(2, length - 2));
        FrameHeader.TryRead(bytes.AsSpan(0, length), out FrameHeader header, out _, out _);
        byte[] payload = new byte[header.PayloadLength];
        await _stream.ReadExactlyAsync(payload);
        return (header, payload);
    }

    /// <summary>Reads a few bytes, or none at the end.</summary>
    public async Task<int> ReadSomeAsync(byte[] buffer) => await _stream.ReadAsync(buffer);

    /// <summary>Reads to the end, be it FIN or a reset.</summary>
    public async Task ReadToEndAsync()
    {
        try
        {
            await _stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Goes away with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    public void Dispose() => _stream.Dispose();
}
