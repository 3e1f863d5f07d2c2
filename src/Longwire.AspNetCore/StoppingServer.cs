using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.AspNetCore;

/// <summary>
/// The web server, whose stop is bounded by what still happens on it. Kestrel waits for every TCP connection as long as the host lets
/// it, 30 s by default, for one too on which nothing runs any more: a frozen peer of HTTP/2, half of a request, half of a TLS handshake.
/// Here such a wait ends when no request and no WebSocket has been left for <see cref="Patience"/>.
/// </summary>
internal sealed class StoppingServer(IServer server, WebSocketConnections connections) : IServer
{
    /// <summary>Enough for the last answers to leave, which a request doesn't wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _over = new();
    private int _requests;

    public IFeatureCollection Features => server.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(new Counted<TContext>(this, application), cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        bool wasQuiet = false;
        await using ITimer timer = connections.Time.CreateTimer(
            _ =>
            {
                bool isQuiet = Volatile.Read(ref _requests) == 0 && connections.NotCompleted().Length == 0;
                if (isQuiet && wasQuiet)
                {
                    _over.Cancel();
                }

                wasQuiet = isQuiet;
            },
            null,
            Patience / 2,
            Patience
        );
        await server.StopAsync(bound.Token);
    }

    public void Dispose()
    {
        server.Dispose();
        _over.Dispose();
    }

    private sealed class Counted<TContext>(StoppingServer server, IHttpApplication<TContext> application) : IHttpApplication<TContext>
        where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            TContext context = application.CreateContext(contextFeatures);
            Interlocked.Increment(ref server._requests);
            return context;
        }

        public Task ProcessRequestAsync(TContext context) => application.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception)
        {
            Interlocked.Decrement(ref server._requests);
            application.DisposeContext(context, exception);
        }
    }
}
