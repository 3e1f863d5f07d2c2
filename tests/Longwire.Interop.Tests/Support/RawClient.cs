using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>A client that sends whatever bytes a test wants, right or wrong, and reads frames with no care for rules.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Connects, and sends nothing. A small receive buffer makes the client slow to take what comes.</summary>
    public static async Task<RawClient> ConnectAsync(LongwireServer server, int? receiveBufferBytes = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        return new RawClient(socket);
    }

    /// <summary>Connects and upgrades.</summary>
    public static async Task<RawClient> UpgradeAsync(LongwireServer server, string path, int? receiveBufferBytes = null)
    {
        RawClient client = await ConnectAsync(server, receiveBufferBytes);
        await client.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: localhost:{server.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
        );
        string header = await client.ReadHeaderAsync();
        Assert.StartsWith("HTTP/1.1 101 ", header, StringComparison.Ordinal);
        return client;
    }

    /// <summary>Connects to the hub, authenticates and joins a room.</summary>
    public static async Task<RawClient> JoinAsync(LongwireServer server, string username, string room, int? receiveBufferBytes = null)
    {
        RawClient client = await UpgradeAsync(server, "/ws", receiveBufferBytes);
        await client.SendTextAsync(
            JsonSerializer.Serialize(
                new
                {
                    type = "auth",
                    token = "valid-token",
                    username,
                }
            )
        );
        await client.ReadUntilAsync("auth-success");
        await client.SendTextAsync(JsonSerializer.Serialize(new Dictionary<string, string> { ["type"] = "join-room", ["room"] = room }));
        await client.ReadUntilAsync("joined-room");
        return client;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes).AsTask().WaitAsync(Patience.Short);

    public Task SendTextAsync(string text) => SendAsync(Frame(0x81, Encoding.UTF8.GetBytes(text)));

    /// <summary>Sends as long as the server takes the bytes; false when it took none for the given time.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes, TimeSpan patience)
    {
        using var timeOut = new CancellationTokenSource(patience);
        try
        {
            await _stream.WriteAsync(bytes, timeOut.Token);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>Reads what is left until the server ends TCP; fails the test when it doesn't.</summary>
    public async Task<string> ReadToEndAsync(TimeSpan patience)
    {
        using var timeOut = new CancellationTokenSource(patience);
        using var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, timeOut.Token);
        }
        catch (IOException)
        {
            // Ended by a reset: the end is the end.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The server has not ended the connection within {patience}.");
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Reads one frame; null at the end of TCP.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReadFrameAsync(TimeSpan? patience = null)
    {
        using var timeOut = new CancellationTokenSource(patience ?? Patience.Short);
        byte[] header = new byte[10];
        try
        {
            await _stream.ReadExactlyAsync(header.AsMemory(0, 2), timeOut.Token);
            int more = header[1] switch
            {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            await _stream.ReadExactlyAsync(header.AsMemory(2, more), timeOut.Token);
            long length = more switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
                8 => BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(2)),
                _ => header[1],
            };
            byte[] payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, timeOut.Token);
            return (header[0] & 0x0f, payload);
        }
        catch (Exception exception) when (exception is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads text messages until one of this type comes.</summary>
    public async Task<JsonElement> ReadUntilAsync(string type)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode != 1)
            {
                continue;
            }

            JsonElement message = JsonDocument.Parse(frame.Payload).RootElement;
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The server ended the connection before a message of type '{type}'.");
    }

    /// <summary>Reads until the server's Close frame, answers it, and reads to the end of TCP; 1006 when there was no Close.</summary>
    public async Task<(int Status, string Reason)> ReadCloseAsync(TimeSpan? patience = null)
    {
        (int Status, string Reason) close = (1006, "");
        while (await ReadFrameAsync(patience) is { } frame)
        {
            if (frame.Opcode != 8)
            {
                continue;
            }

            close =
                frame.Payload.Length < 2
                    ? (1005, "")
                    : (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload.AsSpan(2)));
            await TrySendAsync(Frame(0x88, frame.Payload), Patience.Short);
        }

        return close;
    }

    /// <summary>A masked frame with the given first byte.</summary>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> key = [0x37, 0xfa, 0x21, 0x3d];
        byte[] header = payload.Length switch
        {
            < 126 => [first, (byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [first, 0xfe, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ =>
            [
                first,
                0xff,
                0,
                0,
                0,
                0,
                (byte)(payload.Length >> 24),
                (byte)(payload.Length >> 16),
                (byte)(payload.Length >> 8),
                (byte)payload.Length,
            ],
        };
        byte[] frame = [.. header, .. key, .. payload];
        for (int i = 0; i < payload.Length; i++)
        {
            frame[header.Length + 4 + i] ^= key[i & 3];
        }

        return frame;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task<string> ReadHeaderAsync()
    {
        var header = new List<byte>();
        byte[] one = new byte[1];
        while (header.Count < 16384 && !EndsWithBlankLine(header))
        {
            await _stream.ReadExactlyAsync(one).AsTask().WaitAsync(Patience.Short);
            header.Add(one[0]);
        }

        return Encoding.Latin1.GetString([.. header]);
    }

    private static bool EndsWithBlankLine(List<byte> header) =>
        header.Count >= 4 && header[^1] == '\n' && header[^2] == '\r' && header[^3] == '\n' && header[^4] == '\r';
}
