using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Longwire.Transport.Linux;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// The members of rooms of one size, on one event loop. In each room one says the next 100 bytes when all have heard the last, in its order,
/// and it has the answer if it has asked for one.
/// </summary>
internal sealed class Speakers : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly EventLoopGroup _group = new(new EventLoopOptions { LoopCount = 1 });
    private readonly RoomKind _kind;
    private readonly Room[] _rooms;
    private TaskCompletionSource _quiet = new();
    private int _talking;
    private volatile bool _isOver;
    private volatile Exception? _failure;

    private Speakers(RoomKind kind)
    {
        _kind = kind;
        _rooms = [.. Enumerable.Range(0, kind.Rooms).Select(number => new Room(this, $"room{number}"))];
    }

    /// <summary>Connects all members, and waits until each is in its room.</summary>
    public static async Task<Speakers> ConnectAsync(string authority, string hub, RoomKind kind)
    {
        var speakers = new Speakers(kind);
        var client = new LoopWebSocketClient(
            speakers._group,
            new LoopWebSocketClientOptions
            {
                ConnectTimeout = _patience,
                Connection = new WebSocketConnectionOptions { PingInterval = Timeout.InfiniteTimeSpan },
            }
        );
        var address = new Uri($"ws://{authority}/{hub}/{(kind.AreGuests ? "guest" : "user")}");
        Member[] members = [.. speakers._rooms.SelectMany(room => Enumerable.Range(0, kind.Members).Select(_ => new Member(room)))];
        await Parallel.ForEachAsync(
            members,
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (member, end) => member.Connection = await client.ConnectAsync(address, member, end)
        );
        await speakers.WaitAsync(Task.WhenAll(members.Select(static member => member.Joined.Task)));
        foreach (Member member in members)
        {
            member.Room.Speaker = member.Connection;
        }

        return speakers;
    }

    /// <summary>Has them talk for a while, and waits until all is heard. Returns how many things were said.</summary>
    public async Task<long> TalkAsync(TimeSpan time)
    {
        long before = _rooms.Sum(static room => (long)room.Said);
        _quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _isOver = false;
        _talking = _rooms.Length;
        foreach (Room room in _rooms)
        {
            room.SayNext();
        }

        await Task.Delay(time);
        _isOver = true;
        await WaitAsync(_quiet.Task);
        return _rooms.Sum(static room => (long)room.Said) - before;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
        {
            room.Members.ForEach(static member => member.Connection?.Abort());
        }

        await _group.DisposeAsync();
    }

    private async Task WaitAsync(Task task)
    {
        if (await Task.WhenAny(task, Task.Delay(_patience)) != task || _failure is not null)
        {
            throw new InvalidOperationException("The run is worth nothing.", _failure ?? new TimeoutException());
        }

        await task;
    }

    private void Fail(string why) => _failure ??= new InvalidOperationException(why);

    private void OnQuiet()
    {
        if (Interlocked.Decrement(ref _talking) == 0)
        {
            _quiet.SetResult();
        }
    }

    /// <summary>One room. While its members talk, only the loop touches it.</summary>
    private sealed class Room(Speakers owner, string name)
    {
        private static readonly string _filler = new('x', 100 - 9);

        private int _missing;

        public List<Member> Members { get; } = [];

        public string Name => name;

        public WebSocketConnection? Speaker { get; set; }

        /// <summary>How many things were said here, which is the number of the last.</summary>
        public int Said { get; private set; }

        public void SayNext()
        {
            bool asks = owner._kind.AskForAnswers;
            _missing = Members.Count + (asks ? 1 : 0);
            Said++;
            string id = asks ? string.Create(CultureInfo.InvariantCulture, $",\"id\":\"{Said}\"") : "";
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"type":"message","room":"{{name}}","content":"#{{Said:00000000}}{{_filler}}"{{id}}}"""
            );
            if (!Speaker!.TrySend(Encoding.UTF8.GetBytes(text), MessageType.Text))
            {
                Fail("The server does not take what is said.");
            }
        }

        public void OnMessage(ReadOnlySpan<byte> payload)
        {
            int mark = payload.IndexOf((byte)'#');
            if (mark < 0 || !Utf8Parser.TryParse(payload.Slice(mark + 1, 8), out int number, out _) || number != Said)
            {
                Fail($"{Said} was to come, and this came: {Encoding.UTF8.GetString(payload)}");
            }

            OnAnswer();
        }

        public void OnAnswer()
        {
            if (--_missing > 0)
            {
                return;
            }

            if (owner._isOver)
            {
                owner.OnQuiet();
            }
            else
            {
                SayNext();
            }
        }

        public void Fail(string why) => owner.Fail(why);
    }

    private sealed class Member : WebSocketHandler
    {
        public Member(Room room)
        {
            Room = room;
            room.Members.Add(this);
        }

        public Room Room { get; }

        public WebSocketConnection? Connection { get; set; }

        public TaskCompletionSource Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            if (payload.StartsWith("{\"type\":\"message\""u8))
            {
                Room.OnMessage(payload);
            }
            else if (payload.StartsWith("{\"type\":\"ack\""u8))
            {
                Room.OnAnswer();
            }
            else if (payload.StartsWith("{\"type\":\"connected\""u8))
            {
                connection.TrySend(Encoding.UTF8.GetBytes($$"""{"type":"join-room","room":"{{Room.Name}}"}"""), MessageType.Text);
            }
            else if (payload.StartsWith("{\"type\":\"joined-room\""u8))
            {
                Joined.TrySetResult();
            }
            else
            {
                Room.Fail(Encoding.UTF8.GetString(payload));
            }
        }
    }
}
