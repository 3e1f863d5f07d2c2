using System.Text.Json;

namespace Longwire.Hubs.Client.Tests;

/// <summary>A real hub in this process on a clock that stands still, and a client of it whose wire a test holds.</summary>
internal sealed class HubWorld : IAsyncDisposable
{
    private readonly List<HubClient> _clients = [];
    private int _others;

    private HubWorld(HubTestHost host) => Host = host;

    public HubTestHost Host { get; }

    public HubTestClock Time => Host.Time;

    public Wire Wire { get; private set; } = null!;

    public HubClient Client { get; private set; } = null!;

    public StateLog States { get; private set; } = null!;

    /// <summary>Starts a hub, and makes a client of it: <c>ann</c>, not connected yet.</summary>
    public static async Task<HubWorld> StartAsync(
        Action<LongwireHubEndpointBuilder>? map = null,
        Action<HubClientOptions>? client = null,
        Action<LongwireHubOptions>? hub = null,
        string? user = "ann"
    )
    {
        HubTestHost host = await HubTestHost.StartAsync(map ?? MapRooms, options: hub);
        var world = new HubWorld(host);
        (world.Client, world.Wire) = world.Create(user, client);
        world.States = new StateLog();
        world.Client.StateChanged += (_, change) => world.States.Add(change);
        return world;
    }

    public static void MapRooms(LongwireHubEndpointBuilder hub) =>
        hub.MapRoom("{room}")
            .WithHistory(1_000, TimeSpan.FromHours(1))
            .WithPresence()
            .OnMessage<Edit>(static edit => edit.Accept())
            .Relay<Typing>();

    /// <summary>Makes a client, not connected yet.</summary>
    public (HubClient Client, Wire Wire) Create(string? user, Action<HubClientOptions>? configure = null)
    {
        Wire? wire = null;
        HubClient client = Host.CreateHubClient(
            user,
            options =>
            {
                wire = new Wire(options.Connect!);
                options.Connect = wire.ConnectAsync;
                options.Random = static () => 1;
                configure?.Invoke(options);
            }
        );
        _clients.Add(client);
        return (client, wire!);
    }

    /// <summary>Another member, who publishes.</summary>
    public async Task<HubTestClient> OtherAsync(string room)
    {
        HubTestClient other = await Host.ConnectAsync($"other-{++_others}");
        await other.JoinAsync(room);
        return other;
    }

    /// <summary>Loses the connection, and is back at once.</summary>
    public async Task LoseAsync()
    {
        Wire.Cut();
        await ReturnAsync();
    }

    /// <summary>Waits for the client to wait, and turns the clock to its next attempt, which succeeds.</summary>
    public async Task ReturnAsync()
    {
        ClientStateChange change = await States.UntilAsync(ClientState.Reconnecting);
        Time.Advance(change.Delay);
        await States.UntilAsync(ClientState.Open);
    }

    /// <summary>
    /// Opens the wire, and has the client make attempts until one succeeds: the clock may have begun one that is still refused.
    /// </summary>
    public async Task ReturnNowAsync()
    {
        Wire.Refusal = null;
        do
        {
            Client.ReconnectNow();
        } while ((await States.NextAsync()).State != ClientState.Open);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HubClient client in _clients)
        {
            await client.DisposeAsync().AsTask().WaitAsync(Patience.Long);
        }

        await Host.DisposeAsync();
    }

    public static bool Is(JsonElement message, string type) => message.GetProperty("type").GetString() == type;

    /// <summary>The next of a room's messages.</summary>
    public static async Task<RoomMessage<T>> NextAsync<T>(IAsyncEnumerator<RoomMessage<T>> messages)
    {
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience.Long));
        return messages.Current;
    }
}
