using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Longwire.Protocol;

namespace Longwire.AspNetCore;

/// <summary>
/// For a host that offers messages and no bytes, such as TestServer: the server's connection runs on one end of a pair of pipes, and a
/// client's on the other, whose messages and Close go to and from the host's socket. Slow, but the same code serves the connection.
/// </summary>
internal sealed class MessageBridge
{
    private const int BufferBytes = 16 << 10;

    private readonly WebSocketConnection _client;
    private readonly TimeSpan _closeTimeout;
    private WebSocket _socket = null!;

    public MessageBridge(WebSocketConnectionOptions options)
    {
        _closeTimeout = options.CloseTimeout;
        var toServer = new Pipe();
        var toClient = new Pipe();
        Transport = new PipeTransport(new DuplexPipe(toServer.Reader, toClient.Writer));
        _client = WebSocketConnection.FromPipe(
            new DuplexPipe(toClient.Reader, toServer.Writer),
            WebSocketRole.Client,
            // The limits are those of the server's connection.
            new WebSocketConnectionOptions
            {
                MaxMessageBytes = 1 << 30,
                MaxFragments = int.MaxValue,
                PingInterval = Timeout.InfiniteTimeSpan,
                MinDataRateBytesPerSecond = 0,
                CloseTimeout = options.CloseTimeout,
            }
        );
    }

    /// <summary>The server's end.</summary>
    public WebSocketTransport Transport { get; }

    /// <summary>Completes when both sides have closed, or one is gone. It never faults.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to carry messages.</summary>
    /// <param name="socket">The host's socket, once the handshake is answered.</param>
    public void Start(WebSocket socket)
    {
        _socket = socket;
        Completion = RunAsync();
    }

    private async Task RunAsync()
    {
        Task receiving = ReceiveAsync();
        await SendAsync();
        try
        {
            // The peer's answer to the Close, for as long as it may take.
            await receiving.WaitAsync(_closeTimeout);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
        }

        _socket.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (WebSocketMessage message in _client.ReadAllAsync())
            {
                await _socket.SendAsync(
                    message.Payload,
                    message.Type == MessageType.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary,
                    endOfMessage: true,
                    default
                );
            }

            await _client.Completion;
            if (_client.CloseStatus is CloseStatus.Abnormal or null)
            {
                _socket.Abort();
                return;
            }

            await _socket.CloseOutputAsync((WebSocketCloseStatus)_client.CloseStatus, ReasonFor(_client), default);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            _client.Abort();
            _socket.Abort();
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            WebSocketWriteStream? message = null;
            while (true)
            {
                ValueWebSocketReceiveResult result = await _socket.ReceiveAsync(buffer.AsMemory(), default);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    var status = (CloseStatus)(_socket.CloseStatus ?? WebSocketCloseStatus.Empty);
                    _client.TryClose(
                        CloseStatusRules.IsAllowedOnWire(status) ? status : CloseStatus.NoStatus,
                        _socket.CloseStatusDescription ?? ""
                    );
                    return;
                }

                try
                {
                    message ??= await _client.OpenMessageAsync(
                        result.MessageType == WebSocketMessageType.Text ? MessageType.Text : MessageType.Binary
                    );
                    await message.WriteAsync(buffer.AsMemory(0, result.Count));
                    if (result.EndOfMessage)
                    {
                        await message.CompleteAsync();
                        message = null;
                    }
                }
                catch (WebSocketClosedException)
                {
                    // The server has closed. Messages that still arrive are dropped, up to the peer's Close.
                }
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            _client.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? ReasonFor(WebSocketConnection connection) =>
        connection.CloseStatus == CloseStatus.NoStatus ? null : connection.CloseReason;

    // Hosts have words of their own for a peer that is gone.
    private static bool IsGone(Exception exception) =>
        exception
            is WebSocketException
                or IOException
                or OperationCanceledException
                or ObjectDisposedException
                or InvalidOperationException;

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
