using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>
/// The client's opening handshake on one socket: asks, reads the answer in whatever pieces it comes, checks it, and gives the socket to its
/// handler. It runs on the loop.
/// </summary>
internal sealed class OpeningHandshake : LoopSocketHandler
{
    private readonly LoopWebSocketClientOptions _options;
    private readonly LoopSocketHandler _next;
    private readonly string _key;
    private readonly ExtensionOffer? _offer;
    private readonly byte[] _request;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly CancellationToken _cancellationToken;
    private readonly TaskCompletionSource<LoopUpgrade> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private HandshakeResponse? _refusal;
    private byte[] _received = [];
    private int _receivedBytes;

    public OpeningHandshake(
        Uri uri,
        LoopWebSocketClientOptions options,
        LoopSocketHandler next,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        _options = options;
        _next = next;
        _time = time;
        _began = time.GetTimestamp();
        _cancellationToken = cancellationToken;
        Span<byte> nonce = stackalloc byte[HandshakeKey.NonceLength];
        RandomNumberGenerator.Fill(nonce);
        _key = HandshakeKey.Create(nonce);
        _offer = DeflateNegotiation.CreateOffer(options.Connection.Deflate, DeflatePool.Shared.Budget);
        _request = HandshakeRequest.Create(uri, _key, _offer, options);
    }

    public Task<LoopUpgrade> Task => _done.Task;

    /// <summary>What is left of the time-out; always a little, so that whoever waits is told by the loop.</summary>
    public TimeSpan TimeLeft =>
        _options.ConnectTimeout - _time.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);

    protected internal override void OnAttached(LoopSocket socket)
    {
        socket.State = this;
        socket.SetTimer(TimeLeft);
        _cancellation = _cancellationToken.UnsafeRegister(
            static state => ((LoopSocket)state!).Loop.Post(static posted => Cancel((LoopSocket)posted!), state),
            socket
        );
        socket.Send(_request);
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data)
    {
        // The answer nearly always comes in one piece, and is read where it lies.
        if (_receivedBytes == 0 && _refusal is null)
        {
            int taken = Read(socket, data);
            if (taken < 0)
            {
                return;
            }

            data = data[taken..];
            Keep(data);
        }
        else
        {
            Keep(data);
            int taken = _refusal is null ? Read(socket, _received.AsSpan(0, _receivedBytes)) : 0;
            if (taken < 0)
            {
                return;
            }

            _received.AsSpan(taken, _receivedBytes -= taken).CopyTo(_received);
        }

        if (_refusal is not null)
        {
            ReadRefusal(socket, ended: false);
        }
        else if (_receivedBytes > HandshakeResponse.MaxHeadBytes)
        {
            Fail(socket, HandshakeFailure.NoAnswer("The server's answer has too many headers."));
        }
    }

    protected internal override void OnPeerEnded(LoopSocket socket)
    {
        if (_refusal is not null)
        {
            ReadRefusal(socket, ended: true);
        }
        else
        {
            Fail(socket, HandshakeFailure.Ended(SocketError.ConnectionReset));
        }
    }

    protected internal override void OnTimer(LoopSocket socket)
    {
        if (_refusal is not null)
        {
            ReadRefusal(socket, ended: true);
        }
        else
        {
            Fail(socket, HandshakeFailure.TooSlow(_options.ConnectTimeout));
        }
    }

    protected internal override void OnStopping(LoopSocket socket) => socket.Abort();

    protected internal override void OnClosed(LoopSocket socket, SocketError error)
    {
        _cancellation.Unregister();
        if (_cancellationToken.IsCancellationRequested)
        {
            _done.TrySetCanceled(_cancellationToken);
        }
        else
        {
            _done.TrySetException(HandshakeFailure.Ended(error));
        }
    }

    private static void Cancel(LoopSocket socket)
    {
        if (socket.State is OpeningHandshake)
        {
            socket.Abort();
        }
    }

    /// <summary>Reads as many heads as there are, of which all but the last announce another (status 1xx).</summary>
    /// <returns>How many bytes were read, or -1 where the handshake is over.</returns>
    private int Read(LoopSocket socket, Span<byte> bytes)
    {
        int taken = 0;
        while (bytes[taken..].IndexOf("\r\n\r\n"u8) is var length and >= 0)
        {
            HandshakeResponse? response = HandshakeResponse.Parse(bytes.Slice(taken, length));
            if (response is null)
            {
                return Fail(socket, HandshakeFailure.NoAnswer("The server does not answer in HTTP/1.1."));
            }

            taken += length + 4;
            if (response.Status == HttpStatusCode.SwitchingProtocols)
            {
                Accept(socket, response, bytes[taken..]);
                return -1;
            }

            if ((int)response.Status < 200)
            {
                continue;
            }

            _refusal = response;
            break;
        }

        return taken;
    }

    private void Accept(LoopSocket socket, HandshakeResponse response, Span<byte> behind)
    {
        DeflateParameters? deflate = null;
        string? subprotocol = response.Header("Sec-WebSocket-Protocol");
        string? wrong =
            ClientHandshake.Check(_key, response.Header("Upgrade"), response.Header("Connection"), response.Header("Sec-WebSocket-Accept"))
            ?? ClientHandshake.CheckSubprotocol(_options.Subprotocols, subprotocol)
            ?? CheckExtensions(response.Header(ExtensionHeader.Name), out deflate);
        if (wrong is not null)
        {
            Fail(socket, HandshakeFailure.Wrong(wrong, response));
            return;
        }

        _cancellation.Unregister();
        socket.ClearTimer();
        socket.State = null;
        socket.Handler = _next;
        socket.Loop.HandOver(socket, behind);
        _done.TrySetResult(new LoopUpgrade(socket, subprotocol, deflate));
    }

    private string? CheckExtensions(string? answer, out DeflateParameters? deflate)
    {
        deflate = null;
        IReadOnlyList<ExtensionOffer> extensions = [];
        if (answer is not null && !ExtensionHeader.TryParse(answer, out extensions, out string? malformed))
        {
            return malformed;
        }

        return DeflateNegotiation.TryValidate(extensions, _offer, out deflate, out string? error) ? null : error;
    }

    private void ReadRefusal(LoopSocket socket, bool ended)
    {
        // The refusal counts, not whether its body came whole or in time.
        if (
            RefusalBody.Read(_refusal!, _received.AsSpan(0, _receivedBytes), out string body)
            || ended
            || _receivedBytes > HandshakeResponse.MaxHeadBytes
        )
        {
            Fail(socket, HandshakeFailure.Refused(_refusal!, body));
        }
    }

    private int Fail(LoopSocket socket, WebSocketHandshakeException exception)
    {
        _done.TrySetException(exception);
        socket.Close();
        return -1;
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        if (_receivedBytes + data.Length > _received.Length)
        {
            Array.Resize(ref _received, Math.Max(_receivedBytes + data.Length, 2 * _received.Length));
        }

        data.CopyTo(_received.AsSpan(_receivedBytes));
        _receivedBytes += data.Length;
    }
}
