using System.Net;
using System.Security.Cryptography;
using Longwire.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.TestHost;

namespace Longwire.Hubs.Testing;

/// <summary>Connects clients to an application in a test server: through all of its middleware, and without a port.</summary>
internal sealed class TestServerDialer(TestServer server)
{
    public async Task<WebSocketConnection> ConnectAsync(
        Uri address,
        WebSocketHandler handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken
    )
    {
        (Stream clientEnd, Stream serverEnd) = DuplexStream.CreatePair();
        var upgrade = new Upgrade(serverEnd);
        Task<HttpContext> answering = server.SendAsync(context => Fill(context, address, options, upgrade), CancellationToken.None);
        if (await Task.WhenAny(upgrade.Done, answering).WaitAsync(cancellationToken).ConfigureAwait(false) == answering)
        {
            HttpContext context = await answering.ConfigureAwait(false);
            if (!upgrade.Done.IsCompleted)
            {
                throw await RefusedAsync(context, cancellationToken).ConfigureAwait(false);
            }
        }

        _ = answering.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        return WebSocketConnection.FromStream(clientEnd, WebSocketRole.Client, options.Connection, handler, HubSubprotocol.Name);
    }

    private static void Fill(HttpContext context, Uri address, WebSocketClientOptions options, Upgrade upgrade)
    {
        HttpRequest request = context.Request;
        request.Method = HttpMethods.Get;
        request.Protocol = HttpProtocol.Http11;
        request.Scheme = address.Scheme is "wss" or "https" ? "https" : "http";
        request.Host = HostString.FromUriComponent(address);
        request.Path = PathString.FromUriComponent(address);
        request.QueryString = QueryString.FromUriComponent(address);
        request.Headers.Upgrade = "websocket";
        request.Headers.Connection = "Upgrade";
        request.Headers.SecWebSocketVersion = "13";
        request.Headers.SecWebSocketKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        request.Headers.SecWebSocketProtocol = string.Join(", ", options.Subprotocols);
        foreach ((string name, string value) in options.Headers)
        {
            request.Headers.Append(name, value);
        }

        context.Features.Set<IHttpUpgradeFeature>(upgrade);
    }

    private static async Task<WebSocketHandshakeException> RefusedAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(context.Response.Body);
        string body = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        var status = (HttpStatusCode)context.Response.StatusCode;
        return new WebSocketHandshakeException(
            $"The application answered {(int)status}, and not as a WebSocket server does. {body}".TrimEnd(),
            status,
            [.. context.Response.Headers.Select(static header => KeyValuePair.Create(header.Key, header.Value.ToString()))],
            body
        );
    }

    private sealed class Upgrade(Stream stream) : IHttpUpgradeFeature
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsUpgradableRequest => true;

        public Task Done => _done.Task;

        public Task<Stream> UpgradeAsync()
        {
            _done.TrySetResult();
            return Task.FromResult(stream);
        }
    }
}
