using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Two clients come to have a large room as it is, while it changes.</summary>
public sealed class ConvergenceTests : IAsyncDisposable
{
    private const int Size = 100_000;

    // With two maps and two presences of a hundred pages each, many thousands of changes are made while they are read.
    private const int ChangesPerPage = 20;

    private readonly MemoryHubStore _store = new();
    private readonly MemoryHubEngine _crowd;
    private readonly Random _random = new(7);
    private readonly HashSet<int> _gone = [];
    private int _changes;

    public ConvergenceTests() => _crowd = new MemoryHubEngine(_store);

    public async ValueTask DisposeAsync() => await _crowd.DisposeAsync();

    [Fact]
    public async Task A_hundred_thousand_keys_and_members_converge_in_two_clients_while_thousands_of_changes_are_made()
    {
        await using TestHub hub = await TestHub.StartAsync(
            options =>
            {
                options.RateLimit = null;
                options.Rooms.Default = new RoomOptions { MapKeys = 2 * Size, AnnouncedMembers = 0 };
            },
            wrapEngine: _ => new MemoryHubEngine(_store)
        );
        await FillAsync();
        Replica[] replicas = [new(await hub.ConnectAsAsync("ann")), new(await hub.ConnectAsAsync("bob"))];
        foreach (Replica replica in replicas)
        {
            await replica.SendAsync("""{"type":"join-room","room":"board","map":true,"presence":"changes"}""");
        }

        int pages = 0;
        while (!Array.TrueForAll(replicas, static replica => replica.IsComplete))
        {
            foreach (Replica replica in replicas)
            {
                pages += await replica.ReadPageAsync();
                await ChangeAsync(hub);
            }
        }

        Assert.InRange(pages, 400, 500);
        Assert.InRange(_changes, 390 * ChangesPerPage, int.MaxValue);
        await JudgeAsync(hub, replicas);
        long whole = replicas[0].Bytes;
        await replicas[0].Client.LoseAsync();
        for (int round = 0; round < 50; round++)
        {
            await ChangeAsync(hub);
        }

        var again = new Replica(await hub.ConnectAsync(new HubHandshake { Session = replicas[0].Client.Secret }), replicas[0]);
        await again.SendAsync(replicas[0].Return());
        await JudgeAsync(hub, [again, replicas[1]]);
        Assert.True(again.Bytes < whole / 50, $"{again.Bytes} bytes of a return after {whole} of the first time");
    }

    private async Task FillAsync()
    {
        await _crowd.StartAsync(new Nobody(), default);
        await _crowd.Publications.SubscribeAsync("board", default);
        for (int number = 0; number < Size; number++)
        {
            await PutAsync(number);
        }

        await _crowd.Presence.AddAsync("board", [.. Enumerable.Range(0, Size).Select(Member)], default);
        _changes = 0;
    }

    /// <summary>Keys are put and removed, and members leave and come back.</summary>
    private async Task ChangeAsync(TestHub hub)
    {
        for (int change = 0; change < ChangesPerPage; change++)
        {
            int number = _random.Next(Size);
            await PutAsync(number, isRemoval: change % 4 == 0);
            if (_gone.Add(number))
            {
                await _crowd.Presence.RemoveAsync("board", [Member(number)], default);
            }
            else
            {
                _gone.Remove(number);
                await _crowd.Presence.AddAsync("board", [Member(number)], default);
            }
        }

        hub.Time.Advance(TimeSpan.FromMilliseconds(100));
    }

    private async Task PutAsync(int number, bool isRemoval = false)
    {
        var options = new MapStoreOptions(2 * Size, long.MaxValue, new StoreOptions(10_000, 4_000_000, TimeSpan.FromHours(1)));
        byte[] json = Encoding.UTF8.GetBytes($"{++_changes}");
        ReadOnlyMemory<byte>? value = isRemoval ? null : new ReadOnlyMemory<byte>(json);
        await _crowd.Maps.ChangeAsync("board", new MapChange($"key{number}", value, default), options, default);
    }

    private static RoomMember Member(int number) => new($"client{number}", $"user{number}", "somebody", Metadata: null);

    private async Task JudgeAsync(TestHub hub, Replica[] replicas)
    {
        MapPage map = await _crowd.Maps.ReadAsync("board", 0, int.MaxValue, default);
        IEnumerable<string> keys = map
            .Entries.Where(static entry => entry.Value is not null)
            .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
            .Select(static entry => $"{entry.Key}={Encoding.UTF8.GetString(entry.Value!.Value.Span)}:{entry.Version}");
        string expected = string.Join(' ', keys);
        PresencePage presence = await _crowd.Presence.ReadAsync("board", 0, int.MaxValue, default);
        IEnumerable<string> users = presence
            .Entries.Where(static user => user.Connections > 0)
            .OrderBy(static user => user.UserId, StringComparer.Ordinal)
            .Select(static user => $"{user.UserId}={user.Connections}{{}}");
        string expectedUsers = string.Join(' ', users);
        hub.Time.Advance(TimeSpan.FromMilliseconds(100));
        foreach (Replica replica in replicas)
        {
            await replica.ReadToAsync(presence.Version, map.Position.Offset);
            Assert.True(replica.Map.Text == expected, "The map is another.");
            Assert.True(replica.Presence.Text == expectedUsers, "The members are others.");
        }
    }

    /// <summary>A client that keeps the room's map and presence.</summary>
    private sealed class Replica(TestClient client, Replica? former = null)
    {
        private JsonElement _position = former?._position ?? default;

        public TestClient Client { get; } = client;

        public MapReplica Map { get; } = former?.Map ?? new();

        public PresenceReplica Presence { get; } = former?.Presence ?? new();

        public long Bytes { get; private set; }

        public bool IsComplete => Map.Next is null && Presence.Next is null && Presence.Version > 0;

        public Task SendAsync(string json) => Client.SendAsync(json);

        /// <summary>Reads to the next page, and asks for the one behind it. Returns how many pages came.</summary>
        public async Task<int> ReadPageAsync()
        {
            if (IsComplete)
            {
                return 0;
            }

            while (true)
            {
                switch ((await ReadAsync()).Text("type"))
                {
                    case "joined-room":
                        await AskAsync("map-read", Map.Next);
                        await AskAsync("presence", Presence.Next);
                        return 2;
                    case "map":
                        await AskAsync("map-read", Map.Next);
                        return 1;
                    case "presence":
                        await AskAsync("presence", Presence.Next);
                        return 1;
                }
            }
        }

        /// <summary>Reads on until all has come that there was.</summary>
        public async Task ReadToAsync(long presenceVersion, long offset)
        {
            while (
                Presence.Version < presenceVersion || _position.ValueKind == JsonValueKind.Undefined || _position.Number("offset") < offset
            )
            {
                await ReadAsync();
            }
        }

        public string Return()
        {
            string from =
                $$"""{"epoch":"{{_position.Text("epoch")}}","offset":{{_position.Number("offset")}},"tag":"{{_position.Text("tag")}}"}""";
            return $$"""{"type":"join-room","room":"board","map":true,"presence":"changes","version":{{Presence.Version}},"recover":{{from}} }""";
        }

        private async Task<JsonElement> ReadAsync()
        {
            JsonElement message = await Client.NextAsync();
            Bytes += Encoding.UTF8.GetByteCount(message.GetRawText());
            Map.Take(message);
            Presence.Take(message);
            if (message.Text("type") is "joined-room" or "map-changed")
            {
                _position = message;
            }

            return message;
        }

        private async Task AskAsync(string type, long? after)
        {
            if (after is { } next)
            {
                await SendAsync($$"""{"type":"{{type}}","room":"board","after":{{next}}}""");
            }
        }
    }

    private sealed class Nobody : IHubNode
    {
        public string Id => "crowd";

        public void OnPublication(string room, Publication publication) { }

        public void OnPresence(string room, PresenceChange change) { }

        public void OnCommand(NodeCommand command) { }

        public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => default;

        public void OnBlock(AccessBlock block) { }

        public void OnEngineState(EngineState state) { }
    }
}
