using System.Collections.Concurrent;
using System.Net;
using Longwire.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.Yjs.Tests;

/// <summary>
/// Stands between clients and the editor's server: serves the page, lets a test run code in each client, and carries the connections of
/// Yjs, so that they can be cut and the server be killed while the page's address stays.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Page = """
        <!doctype html><meta charset="utf-8"><title>Stage</title>
        <input id="name"><button id="connection"></button><ul id="people"></ul><main id="editor"></main><a id="read"></a>
        <script src="/editor.js" type="module"></script>

        """;

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, Performer> _performers = new();
    private readonly ConcurrentDictionary<WebSocketConnection, byte> _carried = new();

    private Stage(WebApplication application) => _application = application;

    public string Address { get; private set; } = "";

    public static async Task<Stage> StartAsync(EditorServer server)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        var stage = new Stage(application);
        application.MapGet("/editor/{document}", () => Results.Content(Page + Script("window.editor"), "text/html"));
        application.MapGet(
            "/edit.html",
            () => Results.Content(File.ReadAllText(Peers.Sample("wwwroot/edit.html")) + Script("{}"), "text/html")
        );
        application.MapGet("/editor.js", () => Results.File(Peers.Sample("wwwroot/editor.js"), "text/javascript"));
        application.MapGet("/performer.js", () => Results.File(Peers.Script("performer.js"), "text/javascript"));
        application.MapWebSocket(
            "/stage/{client}",
            (connection, context, _) => stage.PerformerFor((string)context.Request.RouteValues["client"]!).RunAsync(connection)
        );
        application.MapWebSocket("/edit/{document}", (connection, context, ended) => stage.CarryAsync(connection, context, server, ended));
        application.MapWebSocket("/yjs/{document}", (connection, context, ended) => stage.CarryAsync(connection, context, server, ended));
        await application.StartAsync();
        stage.Address = application
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        return stage;
    }

    public Performer PerformerFor(string client) => _performers.GetOrAdd(client, static _ => new Performer());

    /// <summary>Cuts all connections of Yjs, without a Close frame.</summary>
    public void Cut()
    {
        foreach (WebSocketConnection connection in _carried.Keys)
        {
            connection.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _application.DisposeAsync();
    }

    // Has a page do what a test says.
    private static string Script(string editor) =>
        $$"""
            <script type="module">
            import { perform } from '/performer.js'
            perform(location.origin, new URLSearchParams(location.search).get('client'), {{editor}})
            </script>
            """;

    private async Task CarryAsync(WebSocketConnection client, HttpContext context, EditorServer server, CancellationToken ended)
    {
        _carried.TryAdd(client, 0);
        try
        {
            var uri = new Uri($"ws://127.0.0.1:{server.Port}{context.Request.Path}{context.Request.QueryString}");
            WebSocketConnection upstream = await WebSocketClient.ConnectAsync(uri, cancellationToken: ended);
            await Task.WhenAny(CopyAsync(client, upstream), CopyAsync(upstream, client));
            upstream.Abort();
        }
        catch (Exception exception) when (exception is WebSocketHandshakeException or HttpRequestException or OperationCanceledException)
        {
            // The server is down now; the client comes again.
        }
        finally
        {
            _carried.TryRemove(client, out _);
            client.Abort();
        }
    }

    private static async Task CopyAsync(WebSocketConnection from, WebSocketConnection to)
    {
        try
        {
            await foreach (WebSocketMessage message in from.ReadAllAsync())
            {
                await to.SendAsync(message.Payload, message.Type);
            }
        }
        catch (WebSocketClosedException)
        {
            // One of the two is over, and so is the other.
        }
    }
}
