using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Longwire.LoadGenerator;

/// <summary>One connection: its socket, what it has still to send, and when it sent what it waits for.</summary>
internal sealed class LoadConnection : IDisposable
{
    private const int MaxHandshakeBytes = 16 * 1024;
    private readonly Socket _socket;
    private readonly long[] _sentAt;
    private long _sent;
    private long _received;

    private LoadConnection(Socket socket, int inFlight)
    {
        _socket = socket;
        _sentAt = new long[inFlight];
        Descriptor = (int)socket.Handle;
    }

    /// <summary>The socket's file descriptor.</summary>
    public int Descriptor { get; }

    /// <summary>Messages that are to be sent, the one in part sent included.</summary>
    public int Unsent { get; set; }

    /// <summary>Bytes of the first unsent message that the kernel has taken.</summary>
    public int PartSent { get; set; }

    /// <summary>A pong that goes out before the next message; null when there is none.</summary>
    public byte[]? Pong { get; set; }

    /// <summary>The event loop waits for room in the socket's send buffer.</summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>The replies. A field, as a property would hand out copies of what changes.</summary>
    public ReplyReader Reader;

    /// <summary>Messages sent without a reply so far.</summary>
    public long Pending => _sent - _received;

    /// <summary>Connects, and upgrades to WebSocket unless raw TCP is asked for.</summary>
    public static LoadConnection Open(LoadOptions options)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, options.Port));
            if (!options.Raw)
                Upgrade(socket, options);
            socket.Blocking = false;
            return new LoadConnection(socket, options.InFlight);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Notes that a message is due now.</summary>
    public void Schedule(long now)
    {
        _sentAt[_sent++ % _sentAt.Length] = now;
        Unsent++;
    }

    /// <summary>Notes a reply. Returns when its message was due.</summary>
    public long Complete()
    {
        if (Pending == 0)
            throw new LoadException("The server replied to nothing.");
        return _sentAt[_received++ % _sentAt.Length];
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Sends a Close frame and waits for the server to end TCP, so that the next run begins with a clean server.</summary>
    public void Close(bool raw)
    {
        _socket.Blocking = true;
        _socket.ReceiveTimeout = 1000;
        try
        {
            if (!raw)
                _socket.Send(WireMessage.Frame(8, [0x03, 0xe8]));
            _socket.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[4096];
            while (_socket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A server that leaves without a word has left all the same.
        }

        Dispose();
    }

    // RFC 6455 §4.1
    private static void Upgrade(Socket socket, LoadOptions options)
    {
        const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
        string request =
            $"GET {options.Path} HTTP/1.1\r\nHost: 127.0.0.1:{options.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n\r\n";
        socket.Send(Encoding.ASCII.GetBytes(request));

        byte[] answer = new byte[MaxHandshakeBytes];
        int length = 0;
        int end;
        while ((end = answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int count = length == answer.Length ? 0 : socket.Receive(answer, length, answer.Length - length, SocketFlags.None);
            if (count == 0)
                throw new LoadException("The server ended the opening handshake.");
            length += count;
        }

        string header = Encoding.Latin1.GetString(answer, 0, end);
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        if (!header.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            throw new LoadException("The server refused the upgrade: " + header.Split("\r\n")[0]);
        if (!header.Contains("Sec-WebSocket-Accept: " + accept, StringComparison.OrdinalIgnoreCase))
            throw new LoadException("The server's Sec-WebSocket-Accept is wrong.");
        if (end + 4 != length)
            throw new LoadException("The server spoke first: that is no echo.");
    }
}
