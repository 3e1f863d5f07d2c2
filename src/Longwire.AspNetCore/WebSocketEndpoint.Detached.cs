using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Longwire.AspNetCore;

// Where the host's transport lets the socket go, the request ends with the handshake and the connection lives on alone. Nothing that it
// keeps may lead back to the request: neither a field, nor a task, nor an execution context.
internal sealed partial class WebSocketEndpoint
{
    private readonly DetachedHost _detachedHost;
    private readonly bool _keepsRequest;

    // Objects that live as long as a request must live as long as the connection: then the request is kept, and with it all of the host's
    // connection.
    private static bool KeepsRequest(
        WebSocketHandlerSource source,
        WebSocketEndpointOptions options,
        IServiceProvider services,
        EndpointMetadataCollection metadata
    ) =>
        source.KeepsRequest
        || options.KeepRequest
        || services.GetService<IHttpContextAccessor>() is not null
        // A limiter of concurrency counts a request until it ends. Which kind it is, the metadata don't tell.
        || (
            metadata.GetMetadata<DisableRateLimitingAttribute>() is null
            && (
                metadata.GetMetadata<EnableRateLimitingAttribute>() is not null
                || services.GetService<IOptions<RateLimiterOptions>>()?.Value.GlobalLimiter is not null
            )
        );

    private bool MayDetach(HttpContext context, [NotNullWhen(true)] out IDetachFeature? detach)
    {
        detach =
            !_keepsRequest && ExtendedConnect(context) is null && context.Features.Get<IConnectionTransportFeature>() is not null
                ? context.Features.Get<IDetachFeature>()
                : null;
        return detach is { CanDetach: true };
    }

    private static void SetEndPoints(WebSocketConnection connection, ConnectionInfo request)
    {
        connection.SetEndPoints(Of(request.RemoteIpAddress, request.RemotePort), Of(request.LocalIpAddress, request.LocalPort));

        static IPEndPoint? Of(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
    }

    private async Task ServeDetachedAsync(
        HttpContext context,
        IDetachFeature detach,
        HandshakeAgreement agreement,
        Serving serving,
        object? state,
        IPAddress? address
    )
    {
        WebSocketTransport transport = detach.CreateTransport();
        WebSocketConnection connection = Create(transport, agreement, serving.Handler, _options.Connection);
        connection.UserState = state;
        connection.User = context.User;
        if (
            context.Features.Get<IConnectionEndPointFeature>()?.RemoteEndPoint is not IPEndPoint remote
            || !remote.Address.Equals(context.Connection.RemoteIpAddress)
        )
        {
            // Forwarded headers have told of another client than the socket knows.
            SetEndPoints(connection, context.Connection);
        }

        Activity? activity = ConnectionActivity.Begin(_pattern);
        connection.Host =
            _options.MaxConnectionsPerAddress == int.MaxValue && activity is null
                ? _detachedHost
                : new DetachedHost(this, address, activity);
        _connections.Add(connection);
        _ = await OpenAsync(connection, serving.Function, context: null, activity);
        try
        {
            if (!await TryUpgradeAsync(context, agreement, transport, bridge: null))
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
    }

    // One for all connections, where it doesn't matter from where they come and nobody traces them.
    private sealed class DetachedHost(WebSocketEndpoint endpoint, IPAddress? address, Activity? activity) : IWebSocketHost
    {
        public void OnEnded(WebSocketConnection connection) => endpoint._connections.OnEnded();

        public void OnCompleted(WebSocketConnection connection)
        {
            endpoint._connections.OnCompleted(connection);
            endpoint._slots.Release(address);
            endpoint.ReportEnd(connection, endpoint._pattern, activity);
        }
    }
}
