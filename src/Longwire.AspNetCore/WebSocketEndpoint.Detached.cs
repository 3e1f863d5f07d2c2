using System.Diagnostics.CodeAnalysis;
using System.Net;
using Longwire.Protocol;
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
        detach = transport is PipeTransport && (_source.Handler is not null || _source.ServeAlone is not null)
            ? context.Features.Get<IDetachFeature>()
            : null;
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
        connection.WhenOver = _options.MaxConnectionsPerAddress == int.MaxValue
            ? _whenOver
            : connection => DetachedOver(connection, address);
        _connections.Add(connection);
        if (_source.ServeAlone is { } serve)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => _ = state.Endpoint.RunAloneAsync(state.Connection, state.Serve),
                (Endpoint: this, Connection: connection, Serve: serve),
                preferLocal: false);
        }

        connection.Start();
        return true;
    }

    private async Task RunAloneAsync(WebSocketConnection connection, Func<WebSocketConnection, CancellationToken, Task> serve)
    {
        // Not disposed: it may be cancelled after the function has returned, and it holds nothing that needs it.
        var over = new CancellationTokenSource();
        _ = EndAsync(connection, over);
        CloseStatus status = CloseStatus.NormalClosure;
        try
        {
            await serve(connection, over.Token);
        }
        catch (Exception exception)
            when (exception is WebSocketClosedException or OperationCanceledException && connection.State != WebSocketState.Open)
        {
            // The connection ended under the function's hands: that is how it learns of it.
        }
        catch (Exception exception)
        {
            status = CloseStatus.InternalError;
            HandlerFailed(exception, _pattern);
        }

        await connection.CloseAsync(status, status == CloseStatus.InternalError ? "Internal error" : "");
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
