using System.Threading.Channels;

namespace Longwire.Client.Tests;

/// <summary>
/// A network in memory for clients that stay up: a test decides about each attempt, and has the server's end of each connection.
/// </summary>
internal sealed class TestNetwork(TimeProvider time)
{
    private readonly Channel<Dial> _dials = Channel.CreateUnbounded<Dial>();
    private readonly List<Uri> _addresses = [];
    private readonly List<WebSocketConnection> _servers = [];

    public TimeProvider Time => time;

    /// <summary>Answers the attempts in place of the test; null to let each wait for the test.</summary>
    public Func<Dial, WebSocketConnection?>? Answer { get; set; }

    /// <summary>Where the attempts went to.</summary>
    public Uri[] Addresses
    {
        get
        {
            lock (_addresses)
            {
                return [.. _addresses];
            }
        }
    }

    /// <summary>The next attempt; waits for it.</summary>
    public Task<Dial> NextAsync() => _dials.Reader.ReadAsync().AsTask().WaitAsync(Patience.Long);

    /// <summary>The next attempt, let in.</summary>
    public async Task<WebSocketConnection> AcceptAsync() => (await NextAsync()).Accept();

    public Task<WebSocketConnection> ConnectAsync(
        Uri address,
        WebSocketHandler handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken
    )
    {
        var dial = new Dial(this, address, handler, options, cancellationToken);
        lock (_addresses)
        {
            _addresses.Add(address);
        }

        if (Answer is { } answer)
        {
            answer(dial);
        }
        else
        {
            Assert.True(_dials.Writer.TryWrite(dial));
        }

        return dial.Task;
    }

    /// <summary>Ends all connections at once.</summary>
    public void Abort()
    {
        lock (_servers)
        {
            _servers.ForEach(static server => server.Abort());
        }
    }

    /// <summary>One attempt.</summary>
    public sealed class Dial
    {
        private readonly TaskCompletionSource<WebSocketConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly WebSocketHandler _handler;
        private readonly TestNetwork _network;

        public Dial(
            TestNetwork network,
            Uri address,
            WebSocketHandler handler,
            WebSocketClientOptions options,
            CancellationToken cancellationToken
        )
        {
            Address = address;
            Options = options;
            _handler = handler;
            _network = network;
            cancellationToken.Register(() => _result.TrySetCanceled(cancellationToken));
        }

        public Uri Address { get; }

        public WebSocketClientOptions Options { get; }

        public Task<WebSocketConnection> Task => _result.Task;

        /// <summary>Lets the client in.</summary>
        /// <returns>The server's end.</returns>
        public WebSocketConnection Accept(WebSocketConnectionOptions? options = null)
        {
            (Stream client, Stream server) = DuplexStream.CreatePair();
            options = (options ?? new WebSocketConnectionOptions { PingInterval = Timeout.InfiniteTimeSpan }) with
            {
                TimeProvider = _network.Time,
            };
            WebSocketConnection serverEnd = WebSocketConnection.FromStream(server, WebSocketRole.Server, options);
            lock (_network._servers)
            {
                _network._servers.Add(serverEnd);
            }

            _result.TrySetResult(WebSocketConnection.FromStream(client, WebSocketRole.Client, Options.Connection, _handler));
            return serverEnd;
        }

        /// <summary>Lets the client in, and never says anything: what it sends goes nowhere.</summary>
        public void AcceptSilently()
        {
            (Stream client, Stream server) = DuplexStream.CreatePair();
            _ = server.CopyToAsync(Stream.Null);
            _result.TrySetResult(WebSocketConnection.FromStream(client, WebSocketRole.Client, Options.Connection, _handler));
        }

        /// <summary>Fails the attempt.</summary>
        public void Fail(Exception error) => _result.TrySetException(error);
    }
}
