using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Longwire.Cli.Connect;
using Longwire.Cli.Network;
using Longwire.Client;
using Longwire.Protocol;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>Opens the connections of a run: on the event loops, or by the client where it takes TLS.</summary>
internal sealed class Dialer(BenchOptions options, EventLoopGroup group) : IAsyncDisposable
{
    private static readonly TimeSpan _connectTime = TimeSpan.FromSeconds(15);

    private readonly List<WebSocketConnection> _connections = [];
    private LoopWebSocketClient[] _clients = [];
    private LoopConnectOptions[] _sources = [];
    private EndPoint? _endPoint;

    /// <summary>Opens a connection for each session, so many at a time and spread over the ramp.</summary>
    public async Task OpenAsync(BenchSession[] sessions, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        long began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            sessions,
            new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken },
            async (session, end) =>
            {
                TimeSpan due = options.Ramp * session.Index / sessions.Length - Stopwatch.GetElapsedTime(began);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due, end);
                }

                await OpenAsync(session, end);
            }
        );
    }

    /// <summary>Looks up the name, once for all connections.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (options.UsesClient)
        {
            return;
        }

        _endPoint = await FindAsync(cancellationToken);
        IPAddress?[] sources = options.Sources.Count == 0 ? [null] : [.. options.Sources];
        _sources = [.. sources.Select(static source => new LoopConnectOptions { Timeout = _connectTime, LocalAddress = source })];
        _clients =
        [
            .. sources.Select(source => new LoopWebSocketClient(
                group,
                new LoopWebSocketClientOptions
                {
                    EndPoint = _endPoint,
                    LocalAddress = source,
                    ConnectTimeout = _connectTime,
                    Headers = options.Headers,
                    Connection = ConnectionOptions(),
                }
            )),
        ];
    }

    /// <summary>Opens a connection and gives its socket to a handler; without TLS.</summary>
    public async Task<LoopUpgrade> OpenAsync(LoopSocketHandler handler, int index, CancellationToken cancellationToken)
    {
        try
        {
            return options.IsTcp
                ? new LoopUpgrade(
                    await group.ConnectAsync(_endPoint!, handler, _sources[index % _sources.Length], cancellationToken),
                    null,
                    null
                )
                : await _clients[index % _clients.Length].UpgradeAsync(options.Address, handler, cancellationToken);
        }
        catch (WebSocketHandshakeException exception)
        {
            throw new BenchFault(Refusal.Explain(exception, options.Address), Refusal.ExitCodeFor(exception), exception);
        }
        catch (SocketException exception)
        {
            throw new BenchFault(
                $"{options.Address.Authority}: {exception.Message}",
                exception.SocketErrorCode == SocketError.TimedOut ? ExitCode.Timeout : ExitCode.NameOrTcp,
                exception
            );
        }
    }

    /// <summary>Opens a connection of the client; with TLS, or by a proxy.</summary>
    public async Task<WebSocketConnection> OpenAsync(WebSocketHandler handler, CancellationToken cancellationToken)
    {
        try
        {
            return await NetworkClient.ConnectAsync(
                options.Address,
                options.Network,
                new WebSocketClientOptions
                {
                    Headers = options.Headers,
                    ConnectTimeout = _connectTime,
                    Connection = ConnectionOptions(),
                },
                handler,
                cancellationToken
            );
        }
        catch (WebSocketHandshakeException exception)
        {
            throw new BenchFault(Refusal.Explain(exception, options.Address), Refusal.ExitCodeFor(exception), exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task closed = Task.WhenAll(_connections.Select(static connection => connection.Completion));
        await Task.WhenAny(closed, Task.Delay(TimeSpan.FromSeconds(1)));
        _connections.ForEach(static connection => connection.Abort());
    }

    private async Task OpenAsync(BenchSession session, CancellationToken cancellationToken)
    {
        if (options.UsesClient)
        {
            WebSocketConnection connection = await OpenAsync(new ClientLink(session), cancellationToken);
            lock (_connections)
            {
                _connections.Add(connection);
            }

            session.Deflate = connection.Deflate;
        }
        else
        {
            session.Deflate = (await OpenAsync(new LoopLink(session), session.Index, cancellationToken)).Deflate;
        }

        if (options.Deflate && session.Deflate is null)
        {
            throw new BenchFault("The server does not compress (permessage-deflate).", ExitCode.UpgradeRefused);
        }
    }

    private WebSocketConnectionOptions ConnectionOptions() =>
        WebSocketConnectionOptions.Default with
        {
            MaxMessageBytes = BenchOptions.MaxMessageBytes,
            SendQueueBytes = 2 * BenchOptions.MaxMessageBytes,
            PingInterval = Timeout.InfiniteTimeSpan,
            Deflate = new DeflateOptions
            {
                Enabled = options.Deflate,
                ServerNoContextTakeover = !options.Takeover,
                ClientNoContextTakeover = !options.Takeover,
                ThresholdBytes = 0,
            },
        };

    // A name may stand for several addresses of which the server listens at one.
    private async Task<EndPoint> FindAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(options.Address.IdnHost, out IPAddress? literal))
        {
            return new IPEndPoint(literal, options.Address.Port);
        }

        try
        {
            using Socket probe = await TcpDialer.ConnectAsync(options.Address.IdnHost, options.Address.Port, cancellationToken);
            return probe.RemoteEndPoint!;
        }
        catch (SocketException exception)
        {
            throw new BenchFault($"{options.Address.Authority}: {exception.Message}.", ExitCode.NameOrTcp, exception);
        }
    }
}
