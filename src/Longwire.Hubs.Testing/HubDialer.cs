using Longwire.Client;

namespace Longwire.Hubs.Testing;

/// <summary>Connects clients to a hub in the same process, by frames over a pair of streams in memory.</summary>
internal sealed class HubDialer(Hub hub, TimeProvider time, HubIdentity? identity)
{
    private const string Bearer = "Bearer ";

    public Task<WebSocketConnection> ConnectAsync(
        Uri address,
        WebSocketHandler handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        HubHandshake handshake = Read(options);
        (Stream client, Stream server) = DuplexStream.CreatePair();
        WebSocketConnection.FromStream(
            server,
            WebSocketRole.Server,
            new WebSocketConnectionOptions { TimeProvider = time },
            new HubHandler(hub, _ => handshake),
            HubSubprotocol.Name
        );
        return Task.FromResult(
            WebSocketConnection.FromStream(client, WebSocketRole.Client, options.Connection, handler, HubSubprotocol.Name)
        );
    }

    // As the server reads a request's headers.
    private HubHandshake Read(WebSocketClientOptions options) =>
        new()
        {
            Token =
                Header(options, "Authorization") is { } value && value.StartsWith(Bearer, StringComparison.Ordinal)
                    ? value[Bearer.Length..]
                    : null,
            Session = Header(options, "Longwire-Session"),
            Producer = options
                .Subprotocols.FirstOrDefault(static name => name.StartsWith(HubSubprotocol.ProducerPrefix, StringComparison.Ordinal))
                ?[HubSubprotocol.ProducerPrefix.Length..],
            Identity = identity,
        };

    private static string? Header(WebSocketClientOptions options, string name) =>
        options.Headers.LastOrDefault(header => header.Key == name).Value;
}
