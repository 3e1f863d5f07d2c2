using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Longwire.Client.Tests;

/// <summary>The server's end of one TCP connection, in the hands of a test.</summary>
internal sealed class ScriptedPeer(Stream stream) : IDisposable
{
    private Stream _stream = stream;

    public async Task StartTlsAsync(X509Certificate2 certificate)
    {
        var secure = new SslStream(_stream);
        _stream = secure;
        await secure.AuthenticateAsServerAsync(certificate).WaitAsync(Patience.Long);
    }

    public async Task<HttpText> ReadRequestAsync()
    {
        var head = new StringBuilder();
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            head.Append((char)(await ReadAsync(1))[0]);
        }

        return new HttpText(head.ToString());
    }

    public async Task<byte[]> ReadAsync(int length)
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        byte[] bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes, timeout.Token);
        return bytes;
    }

    /// <summary>Reads until the client ends TCP.</summary>
    public async Task ReadToEndAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        try
        {
            await _stream.CopyToAsync(Stream.Null, timeout.Token);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }

    /// <summary>Reads a short frame of a client.</summary>
    public async Task<(byte First, byte[] MaskingKey, byte[] Payload)> ReadFrameAsync()
    {
        byte[] header = await ReadAsync(2);
        Assert.True((header[1] & 0x80) != 0, "A client masks every frame.");
        Assert.True((header[1] & 0x7f) <= 125);
        byte[] key = await ReadAsync(4);
        byte[] payload = await ReadAsync(header[1] & 0x7f);
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] ^= key[i & 3];
        }

        return (header[0], key, payload);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var timeout = new CancellationTokenSource(Patience.Long);
        await _stream.WriteAsync(bytes, timeout.Token);
    }

    /// <summary>Reads a handshake and answers it as it should be, with further header lines at the end.</summary>
    public async Task<HttpText> AcceptAsync(string furtherHeaders = "")
    {
        HttpText request = await ReadRequestAsync();
        await SendAsync(Answer(request, furtherHeaders));
        return request;
    }

    /// <summary>The right answer to a handshake.</summary>
    public static string Answer(HttpText request, string furtherHeaders = "") =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {HandshakeKey.Accept(request["Sec-WebSocket-Key"])}\r\n{furtherHeaders}\r\n";

    /// <summary>Ends the connection as one that was never meant (RST).</summary>
    public void Reset()
    {
        // The stream would end its direction in good order first.
        Socket socket = ((NetworkStream)_stream).Socket;
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public void Dispose() => _stream.Dispose();
}
