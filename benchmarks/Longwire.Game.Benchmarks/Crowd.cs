using System.Diagnostics;
using Longwire.Transport.Linux;

namespace Longwire.Game.Benchmarks;

/// <summary>The players of one run, on one event loop.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly EventLoopGroup _group = new(new EventLoopOptions { LoopCount = 1 });
    private readonly List<Player> _players = [];
    private readonly ServerProcess _server;
    private ITimer? _steering;

    private Crowd(ServerProcess server) => _server = server;

    public static async Task<Crowd> ConnectAsync(ServerProcess server, int count, bool acknowledges, bool isPeer)
    {
        var crowd = new Crowd(server);
        var client = new LoopWebSocketClient(crowd._group, new LoopWebSocketClientOptions { ConnectTimeout = _patience });
        for (int number = 0; number < count; number++)
        {
            var player = new Player(number, acknowledges, isPeer);
            string path = isPeer ? "/" : $"/hub?token=player{number}";
            player.Connection = await client.ConnectAsync(new Uri($"ws://{server.Authority}{path}"), player);
            crowd._players.Add(player);
        }

        await Task.WhenAll(crowd._players.Select(static player => player.Ready)).WaitAsync(_patience);
        if (!isPeer)
        {
            var period = TimeSpan.FromSeconds(1.0 / 30);
            crowd._steering = TimeProvider.System.CreateTimer(
                _ => crowd._players.ForEach(static player => player.Steer()),
                null,
                period,
                period
            );
        }

        return crowd;
    }

    /// <summary>Plays for a while, and says what that took.</summary>
    public async Task<GameFigures> PlayAsync(TimeSpan warmUp, TimeSpan window)
    {
        await Task.Delay(warmUp);
        await _server.GetAsync("/begin");
        long bytes = _players.Sum(static player => player.Bytes);
        long frames = _players.Sum(static player => player.Frames);
        double cpu = _server.CpuSeconds;
        long began = Stopwatch.GetTimestamp();
        await Task.Delay(window);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        cpu = _server.CpuSeconds - cpu;
        TickFigures ticks = await _server.TicksAsync();
        if (_players.FirstOrDefault(static player => player.Failure is not null) is { } failed)
        {
            throw new InvalidOperationException($"The run is worth nothing: {failed.Failure}");
        }

        double perPlayer = seconds * _players.Count;
        return new GameFigures(
            cpu / seconds,
            ticks,
            (_players.Sum(static player => player.Bytes) - bytes) / perPlayer,
            (_players.Sum(static player => player.Frames) - frames) / perPlayer
        );
    }

    public async ValueTask DisposeAsync()
    {
        _steering?.Dispose();
        foreach (Player player in _players)
        {
            // A seat is kept for who is lost, and not for who leaves.
            player.Connection!.TrySend("{\"type\":\"leave-room\",\"room\":\"game:1\"}"u8, MessageType.Text);
            player.Connection.TryClose(CloseStatus.NormalClosure);
        }

        await Task.Delay(500);

        await _group.DisposeAsync();
    }
}
