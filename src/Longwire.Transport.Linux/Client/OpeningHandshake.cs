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
    // The body of a refusal is worth a moment, not the whole time-out.
    private static readonly TimeSpan _refusalBodyTimeout = TimeSpan.FromSeconds(1);

    private readonly Uri _uri;
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
    private LoopSocket? _socket;
    private HttpResponseHead? _refusal;
    private byte[] _received = [];
    private int _receivedBytes;
    private int _searchedBytes;
    private int _headBytes;

    public OpeningHandshake(
        Uri uri,
        LoopWebSocketClientOptions options,
        LoopSocketHandler next,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        _uri = uri;
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

    /// <summary>The rest of the time-out; always a little, so that the loop is what ends the wait.</summary>
    public TimeSpan TimeLeft =>
        _options.ConnectTimeout - _time.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);

    /// <summary>The caller waits no longer: a socket that connected, or that connects all the same, is closed. On the loop.</summary>
    public void Abandon()
    {
        _done.TrySetCanceled(CancellationToken.None);
        _socket?.Abort();
    }

    protected internal override void OnAttached(LoopSocket socket)
    {
        // Of several attempts at the addresses of one name, all on this loop, the first to connect is the one.
        if (_socket is not null || _done.Task.IsCompleted)
        {
            socket.Abort();
            return;
        }

        _socket = socket;
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
        if (socket != _socket)
        {
            return;
        }

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
    }

    protected internal override void OnPeerEnded(LoopSocket socket)
    {
        if (_refusal is not null)
        {
            ReadRefusal(socket, ended: true);
        }
        else
        {
            Fail(socket, HandshakeFailure.Ended(_uri, SocketError.Success));
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
            _done.TrySetException(HandshakeFailure.TooSlow(HandshakeFailureText.NoAnswerInTime(_options.ConnectTimeout)));
            // A server that does not answer would let the socket linger, beside that of the next attempt, and serve nobody by its answer.
            socket.Abort();
        }
    }

    protected internal override void OnStopping(LoopSocket socket) => socket.Abort();

    protected internal override void OnClosed(LoopSocket socket, SocketError error)
    {
        if (socket != _socket)
        {
            return;
        }

        _cancellation.Unregister();
        if (_cancellationToken.IsCancellationRequested)
        {
            _done.TrySetCanceled(_cancellationToken);
        }
        else if (_refusal is not null && error == SocketError.ConnectionReset)
        {
            RefusalBody.Read(_refusal, _received.AsSpan(0, _receivedBytes), out string body);
            _done.TrySetException(HandshakeFailure.Refused(_refusal, body));
        }
        else
        {
            _done.TrySetException(HandshakeFailure.Ended(_uri, error));
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
        while (true)
        {
            Span<byte> rest = bytes[taken..];
            if (!HttpResponseHead.MayBegin(rest))
            {
                string message = HttpResponseHead.BeginsAsTls(rest)
                    ? HandshakeFailureText.SpeaksTls(_uri.Authority)
                    : HandshakeFailureText.NotHttp(_uri.Authority);
                return Fail(socket, HandshakeFailure.NoAnswer(message));
            }

            int length = HttpResponseHead.FindEnd(rest, _searchedBytes);
            if (_headBytes + (length < 0 ? rest.Length : length) > HttpResponseHead.MaxBytes)
            {
                return Fail(socket, HandshakeFailure.NoAnswer(HandshakeFailureText.TooManyHeaders));
            }

            if (length < 0)
            {
                _searchedBytes = rest.Length;
                return taken;
            }

            _searchedBytes = 0;
            _headBytes += length;
            taken += length;
            HttpResponseHead? response = HttpResponseHead.Parse(rest[..length]);
            if (response is null)
            {
                return Fail(socket, HandshakeFailure.NoAnswer(HandshakeFailureText.NotHttp(_uri.Authority)));
            }

            if (response.Status == (int)HttpStatusCode.SwitchingProtocols)
            {
                Accept(socket, response, bytes[taken..]);
                return -1;
            }

            if (response.Status >= 200)
            {
                _refusal = response;
                socket.SetTimer(TimeLeft < _refusalBodyTimeout ? TimeLeft : _refusalBodyTimeout);
                return taken;
            }
        }
    }

    private void Accept(LoopSocket socket, HttpResponseHead response, Span<byte> behind)
    {
        string? wrong = ClientHandshake.CheckAnswer(
            _key,
            response.IsHttp10,
            response.Header,
            _options.Subprotocols,
            _offer,
            out string? subprotocol,
            out DeflateParameters? deflate
        );
        if (wrong is not null)
        {
            Fail(socket, HandshakeFailure.Wrong(wrong, response));
            return;
        }

        _cancellation.Unregister();
        socket.ClearTimer();
        socket.State = null;
        socket.Handler = _next;
        Delivery.HandOver(socket, behind);
        _done.TrySetResult(new LoopUpgrade(socket, subprotocol, deflate));
    }

    private void ReadRefusal(LoopSocket socket, bool ended)
    {
        // The refusal counts, not whether its body came whole or in time.
        if (
            RefusalBody.Read(_refusal!, _received.AsSpan(0, _receivedBytes), out string body)
            || ended
            || _receivedBytes > HttpResponseHead.MaxBytes
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
