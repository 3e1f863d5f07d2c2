using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

// Where the host's transport lets the socket go, the request ends with the handshake and the connection lives on alone. Nothing that it
// keeps may lead back to the request: neither a field, nor a task, nor an execution context.
internal sealed partial class WebSocketEndpoint
{
    private readonly Action<WebSocketConnection> _whenOver;

    // A function that sees the request keeps it, and so keeps all of the host's connection.
    private bool MayDetach(HttpContext context, [NotNullWhen(true)] out IDetachFeature? detach)
    {
        detach =
            !_source.SeesRequest && ExtendedConnect(context) is null && context.Features.Get<IConnectionTransportFeature>() is not null
                ? context.Features.Get<IDetachFeature>()
                : null;
        return detach is { CanDetach: true };
    }

    // Returns false when there is no connection any more that would give its slot back.
    private async Task<bool> ServeDetachedAsync(
        HttpContext context,
        IDetachFeature detach,
        HandshakeAgreement agreement,
        object? state,
        IPAddress? address
    )
    {
        WebSocketTransport transport = detach.CreateTransport();
        WebSocketConnection connection = Create(transport, agreement, _source.Handler, _options.Connection);
        connection.UserState = state;
        connection.WhenOver =
            _options.MaxConnectionsPerAddress == int.MaxValue ? _whenOver : connection => DetachedOver(connection, address);
        _connections.Add(connection);
        _ = await OpenAsync(connection, context: null);
        try
        {
            if (!await TryUpgradeAsync(context, agreement, transport))
            {
                connection.Ended(null);
                await RefuseAsync(context, _full);
            }
            else if (await detach.DetachAsync(transport))
            {
                connection.Start();
            }
            else
            {
                connection.Ended(null);
            }
        }
        catch (Exception exception)
        {
            connection.Ended(exception);
            throw;
        }

        return true;
    }

    private void DetachedOver(WebSocketConnection connection, IPAddress? address)
    {
        _connections.Remove(connection);
        _slots.Release(address);
        ReportEnd(connection, _pattern);
    }
}
