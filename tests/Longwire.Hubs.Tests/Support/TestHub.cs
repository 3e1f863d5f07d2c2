using System.IO.Pipelines;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>A hub with a clock turned by hand, and clients on real connections: over pipes in memory, or over what a test gives.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    private readonly List<TestClient> _clients = [];

    private readonly IClientLink? _link;

    private TestHub(Hub hub, HubTestClock time, IClientLink? link)
    {
        _link = link;
        Hub = hub;
        Time = time;
    }

    public Hub Hub { get; }

    public HubTestClock Time { get; }

    /// <summary>
    /// Starts a hub that takes <c>chat</c> and bytes at any rate; all else is as it is by default unless the options given say otherwise.
    /// </summary>
    public static async Task<TestHub> StartAsync(
        Action<LongwireHubOptions>? configure = null,
        ITokenValidator? validator = null,
        Func<IHubEngine, IHubEngine>? wrapEngine = null,
        ILoggerFactory? loggerFactory = null,
        IClientLink? link = null
    )
    {
        var time = new HubTestClock();
        var options = new LongwireHubOptions
        {
            TimeProvider = time,
            Node = "test-node",
            AllowChat = true,
            ByteRate = null,
        };
        configure?.Invoke(options);
        IHubEngine engine = new MemoryHubEngine(time);
        var hub = new Hub(options, validator ?? new DemoTokenValidator(), wrapEngine?.Invoke(engine) ?? engine, loggerFactory);
        await hub.StartAsync();
        return new TestHub(hub, time, link);
    }

    /// <summary>Connects a client, which has read nothing yet.</summary>
    public async Task<TestClient> OpenAsync(
        HubHandshake? handshake = null,
        WebSocketConnectionOptions? options = null,
        long pipeBytes = 64 * 1024,
        PipeScheduler? scheduler = null
    )
    {
        handshake ??= HubHandshake.Anonymous;
        TestClient client = _link is null
            ? TestClient.OverPipes(new HubHandler(Hub, _ => handshake), options, pipeBytes, scheduler)
            : await _link.ConnectAsync(Hub, handshake, options ?? WebSocketConnectionOptions.Default);
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>Connects a client that has got its <c>connected</c>.</summary>
    public async Task<TestClient> ConnectAsync(HubHandshake? handshake = null)
    {
        TestClient client = await OpenAsync(handshake);
        client.Connected = await client.NextAsync("connected");
        return client;
    }

    /// <summary>Connects a client as a user, by a first message as the document's clients do.</summary>
    public async Task<TestClient> ConnectAsAsync(string username)
    {
        TestClient client = await ConnectAsync();
        await client.SendAsync($$"""{"type":"auth","token":"valid-token","username":"{{username}}"}""");
        await client.UntilAsync("auth-success");
        return client;
    }

    /// <summary>The same, and joins a room.</summary>
    public async Task<TestClient> JoinAsAsync(string username, string room)
    {
        TestClient client = await ConnectAsAsync(username);
        await client.JoinAsync(room);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        foreach (TestClient client in _clients)
        {
            client.Abort();
        }

        if (_link is not null)
        {
            await _link.DisposeAsync();
        }
    }
}
