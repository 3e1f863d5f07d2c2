using System.Collections.Concurrent;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Many clients whose hub hands them over to another, on clocks that stand still until they are turned.</summary>
public sealed class StormTests
{
    private const int Clients = 200;
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData(50, 2, 100)]
    // Without a rate all come in the same second: the count can be exceeded.
    [InlineData(1_000_000, 0, Clients)]
    public async Task Clients_come_to_the_successor_at_the_rate_at_which_they_are_told_and_bring_what_they_published(
        int rate,
        int overSeconds,
        int most
    )
    {
        await using HubTestHost former = await StartAsync();
        await using HubTestHost next = await StartAsync();
        var world = new World(former, next);
        HubClient[] clients = [.. Enumerable.Range(0, Clients).Select(world.Create)];
        try
        {
            await Task.WhenAll(clients.Select(static (client, number) => client.Room(RoomOf(number)).JoinAsync().WaitAsync(Patience.Long)));
            // A client says that it is open on its own time, which may be behind the answer to its join.
            await Eventually(() => world.Opened == Clients, () => $"{world.Opened} have said that they are open");
            world.HandOver();
            Task draining = former.Hub.DrainAsync(new() { Rate = rate, ReconnectOver = TimeSpan.FromSeconds(overSeconds) });
            for (TimeSpan elapsed = _step; world.Back.Count < Clients; elapsed += _step)
            {
                former.Time.Advance(_step);
                next.Time.Advance(_step);
                int told = (int)Math.Min(Clients, Math.Ceiling(elapsed.TotalSeconds * rate));
                await Eventually(() => world.Due.Count == told, () => $"{world.Due.Count} were told of {told}");
                DateTimeOffset now = former.Time.GetUtcNow();
                int due = world.Due.Count(time => time <= now);
                await Eventually(() => world.Back.Count == due, () => $"{world.Back.Count} are back of {due}");
            }

            await draining.WaitAsync(Patience.Long);
            DateTimeOffset[] came = [.. world.Back.Order()];
            Assert.InRange(came.Max(time => came.Count(other => other >= time && other < time.AddSeconds(1))), 1, most);
            RoomPosition[] positions = await Task.WhenAll(world.Receipts.Select(static receipt => receipt.Acked.WaitAsync(Patience.Long)));
            Assert.Equal(Clients, positions.Distinct().Count());
            Assert.Equal(
                Enumerable.Range(1, 10).SelectMany(static offset => Enumerable.Repeat((long)offset, Clients / 10)),
                positions.Select(static position => position.Offset).Order()
            );
        }
        finally
        {
            await Task.WhenAll(clients.Select(static client => client.DisposeAsync().AsTask().WaitAsync(Patience.Long)));
        }
    }

    private static string RoomOf(int client) => $"room-{client / 10}";

    private static Task<HubTestHost> StartAsync() =>
        HubTestHost.StartAsync(static hub =>
            hub.MapRoom("{room}").WithHistory(100, TimeSpan.FromHours(1)).OnMessage<Edit>(static edit => edit.Accept())
        );

    private static async Task Eventually(Func<bool> condition, Func<string> what)
    {
        long end = Environment.TickCount64 + (long)Patience.Long.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, what());
            await Task.Delay(1);
        }
    }

    /// <summary>Two hubs at one address, of which the first serves until it hands over.</summary>
    private sealed class World(HubTestHost former, HubTestHost next)
    {
        private volatile bool _isHandedOver;
        private int _opened;

        /// <summary>How many clients were open before the hand-over.</summary>
        public int Opened => Volatile.Read(ref _opened);

        /// <summary>When the clients that were told are to come.</summary>
        public ConcurrentBag<DateTimeOffset> Due { get; } = [];

        /// <summary>When clients came to the successor.</summary>
        public ConcurrentBag<DateTimeOffset> Back { get; } = [];

        public ConcurrentBag<SendReceipt> Receipts { get; } = [];

        public void HandOver() => _isHandedOver = true;

        public HubClient Create(int number)
        {
            string user = $"user-{number}";
            HubClientOptions? later = null;
            _ = next.CreateHubClient(user, options => later = options with { }).DisposeAsync().AsTask();
            HubClient client = former.CreateHubClient(
                user,
                options =>
                {
                    Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> first =
                        options.Connect!;
                    options.Connect = (address, handler, socket, cancellationToken) =>
                        (_isHandedOver ? later!.Connect! : first)(address, handler, socket, cancellationToken);
                }
            );
            client.StateChanged += async (_, change) =>
            {
                if (!_isHandedOver)
                {
                    Interlocked.Add(ref _opened, change.State == ClientState.Open ? 1 : 0);
                    return;
                }

                DateTimeOffset now = former.Time.GetUtcNow();
                if (change.State == ClientState.Open)
                {
                    Back.Add(now);
                }
                else if (change.State == ClientState.Reconnecting)
                {
                    Receipts.Add(await client.Room(RoomOf(number)).PublishAsync(new Edit(number)));
                    Due.Add(now + change.Delay);
                }
            };
            return client;
        }
    }
}
