using Longwire.Benchmarks.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Yjs.Benchmarks;

/// <summary>The server that is measured: documents in memory, as the peer's, and a plain broadcast to compare the latency with.</summary>
internal static class Server
{
    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = LoopbackServer.CreateBuilder();
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        application.MapYjs(
            "/yjs/{document}",
            static options =>
            {
                // The peer has none of these limits.
                options.MaxDocumentBytes = 1 << 30;
                options.Endpoint.Connection = options.Endpoint.Connection with { MaxMessageBytes = 1 << 30 };
            }
        );
        application.MapWebSocket("/broadcast", new BroadcastHandler());
        await LoopbackServer.RunAsync(application);
    }

    private sealed class BroadcastHandler : WebSocketHandler
    {
        private readonly Lock _lock = new();
        private readonly List<WebSocketConnection> _connections = [];

        public override void OnOpen(WebSocketConnection connection)
        {
            lock (_lock)
            {
                _connections.Add(connection);
            }
        }

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            var message = new PreparedMessage(payload, type);
            lock (_lock)
            {
                foreach (WebSocketConnection receiver in _connections)
                {
                    receiver.TrySend(message);
                }
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
        {
            lock (_lock)
            {
                _connections.Remove(connection);
            }
        }
    }
}
