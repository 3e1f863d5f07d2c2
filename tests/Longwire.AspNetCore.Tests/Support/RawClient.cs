using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Longwire.AspNetCore.Tests;

/// <summary>A client that sends whatever bytes a test wants and reads frames with no care for rules.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>Connects and sends nothing. From which loopback address can be said, as 127.0.0.2.</summary>
    public static async Task<RawClient> ConnectAsync(TestServer server, bool tls = false, string? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        }

        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls)
        {
#pragma warning disable CA5359 // The test made the certificate.
            var secure = new SslStream(stream, leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
            await secure.AuthenticateAsClientAsync("localhost");
            stream = secure;
        }

        return new RawClient(socket, stream);
    }

    /// <summary>Connects and sends a handshake whose answer must be 101.</summary>
    public static async Task<RawClient> OpenAsync(TestServer server, string path = "/echo", bool tls = false, string? from = null)
    {
        RawClient client = await ConnectAsync(server, tls, from);
        HttpAnswer answer = await client.AskAsync(new HandshakeRequest { Path = path });
        Assert.Equal("HTTP/1.1 101 Switching Protocols", answer.StatusLine);
        return client;
    }

    /// <summary>Asks on a connection of its own, and reads the response's head.</summary>
    public static async Task<HttpAnswer> AskAsync(TestServer server, HandshakeRequest request, bool tls = false)
    {
        using RawClient client = await ConnectAsync(server, tls);
        return await client.AskAsync(request);
    }

    public async Task<HttpAnswer> AskAsync(HandshakeRequest request)
    {
        await SendAsync(request.ToString());
        return new HttpAnswer(await ReadHeadAsync());
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        await _stream.WriteAsync(bytes, timeout.Token);
    }

    public Task SendTextAsync(string text) => SendAsync(Frame(0x81, Encoding.UTF8.GetBytes(text)));

    public Task SendCloseAsync(int status) => SendAsync(Frame(0x88, [(byte)(status >> 8), (byte)status]));

    /// <summary>Whether the server has ended the connection, or reset it, without another byte.</summary>
    public async Task<bool> HasEndedAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        try
        {
            return await _socket.ReceiveAsync(new byte[1], SocketFlags.Peek, timeout.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Reads up to the blank line and not a byte further.</summary>
    public async Task<string> ReadHeadAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await _stream.ReadExactlyAsync(one, timeout.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Reads the body of a response whose head was read, chunked or of a stated length.</summary>
    public async Task<string> ReadBodyAsync(HttpAnswer answer)
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        if (answer["Content-Length"] is { } length)
        {
            byte[] whole = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await _stream.ReadExactlyAsync(whole, timeout.Token);
            return Encoding.UTF8.GetString(whole);
        }

        Assert.Equal("chunked", answer["Transfer-Encoding"]);
        var chunks = new StringBuilder();
        // The last chunk is empty, and the blank line behind it is that of no trailers.
        do
        {
            chunks.Append(await ReadHeadAsync());
        } while (!chunks.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
        return chunks.ToString();
    }

    /// <summary>Reads to the end of TCP, be it orderly or a reset.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        using var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, timeout.Token);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Reads one frame; null at the end of TCP.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReadFrameAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        byte[] header = new byte[8];
        try
        {
            await _stream.ReadExactlyAsync(header.AsMemory(0, 2), timeout.Token);
            int opcode = header[0] & 0x0f;
            long length = header[1];
            if (length >= 126)
            {
                int more = length == 126 ? 2 : 8;
                await _stream.ReadExactlyAsync(header.AsMemory(0, more), timeout.Token);
                length = more == 2 ? BinaryPrimitives.ReadUInt16BigEndian(header) : BinaryPrimitives.ReadInt64BigEndian(header);
            }

            byte[] payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, timeout.Token);
            return (opcode, payload);
        }
        catch (Exception exception) when (exception is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    public async Task<string> ReadTextAsync()
    {
        (int opcode, byte[] payload) = Assert.NotNull(await ReadFrameAsync());
        Assert.Equal(1, opcode);
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>Reads what comes until a Close frame: its status and reason; 1005 for an empty one, 1006 for the end of TCP.</summary>
    public async Task<(int Status, string Reason)> ReadCloseAsync()
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == 8)
            {
                return frame.Payload.Length < 2
                    ? (1005, "")
                    : (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload.AsSpan(2)));
            }
        }

        return (1006, "");
    }

    /// <summary>Ends TCP in this direction only (FIN); with TLS, without its own goodbye, as many clients do.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends TCP by a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>A masked frame of up to 125 bytes with the given first byte.</summary>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        Assert.True(payload.Length <= 125);
        byte[] frame = [first, (byte)(0x80 | payload.Length), 1, 2, 3, 4, .. payload];
        for (int i = 0; i < payload.Length; i++)
        {
            frame[6 + i] ^= frame[2 + (i & 3)];
        }

        return frame;
    }
}
