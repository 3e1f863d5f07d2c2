using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Longwire.Transport.Linux;

/// <summary>Hands Kestrel the connections of one listening address.</summary>
internal sealed class LoopConnectionListener : IConnectionListener
{
    // Not bounded here: what waits in it are open descriptors, and those the process bounds.
    private readonly Channel<LoopConnectionContext> _accepted = Channel.CreateUnbounded<LoopConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    private LoopListener _listener = null!;

    public EndPoint EndPoint => _listener.EndPoint;

    public void Start(LoopListener listener) => _listener = listener;

    public void Add(LoopConnectionContext connection)
    {
        if (!_accepted.Writer.TryWrite(connection))
        {
            connection.Abort(new ConnectionAbortedException("The listener was closed."));
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out LoopConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        // Not cut short: it takes no more than a turn of the loop, and a server that is disposed of unstopped passes a cancelled token.
        await _listener.StopAsync().ConfigureAwait(false);
        _accepted.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _accepted.Writer.TryComplete();
        // Kestrel has stopped asking: who was accepted meanwhile is turned away.
        while (_accepted.Reader.TryRead(out LoopConnectionContext? connection))
        {
            connection.Abort(new ConnectionAbortedException("The listener was closed."));
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
