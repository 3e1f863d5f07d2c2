namespace Longwire.Hubs.Tests;

/// <summary>Another way to a hub than pipes in memory.</summary>
internal interface IClientLink : IAsyncDisposable
{
    Task<TestClient> ConnectAsync(Hub hub, HubHandshake handshake, WebSocketConnectionOptions options);
}
