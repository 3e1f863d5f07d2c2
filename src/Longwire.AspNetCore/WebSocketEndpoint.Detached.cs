using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

// Where the host's transport lets the socket go, the request ends with the handshake and the connection lives on alone. Nothing that it
// keeps may lead back to the request: neither a field, nor a task, nor an execution context.
internal sealed partial class WebSocketEndpoint
{
    private readonly Action<WebSocketConnection> _whenOver;

    // A function that sees the request keeps it, and so keeps all of the host's connection.
    private bool MayDetach(HttpContext context, WebSocketTransport transport, [NotNullWhen(true)] out IDetachFeature? detach)
    {
        detach = transport is PipeTransport && !_source.SeesRequest ? context.Features.Get<IDetachFeature>() : null;
        return detach is { CanDetach: true };
    }

    // Returns false when the socket ended meanwhile: then there is no connection.
    private async Task<bool> ServeDetachedAsync(IDetachFeature detach, HandshakeAgreement agreement, object? state, IPAddress? address)
    {
        WebSocketTransport? transport = await detach.DetachAsync();
        if (transport is null)
        {
            return false;
        }

        WebSocketConnection connection = Create(transport, agreement, _source.Handler, _options.Connection);
        connection.UserState = state;
        connection.WhenOver =
            _options.MaxConnectionsPerAddress == int.MaxValue ? _whenOver : connection => DetachedOver(connection, address);
        _connections.Add(connection);
        if (_source.Serve is { } serve)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => _ = state.Endpoint.RunAsync(state.Connection, state.Serve, context: null),
                (Endpoint: this, Connection: connection, Serve: serve),
                preferLocal: false
            );
        }

        connection.Start();
        return true;
    }

    private void DetachedOver(WebSocketConnection connection, IPAddress? address)
    {
        _connections.Remove(connection);
        _slots.Release(address);
        if (connection.HandlerError is not null)
        {
            HandlerFailed(connection.HandlerError, _pattern);
        }
    }
}
