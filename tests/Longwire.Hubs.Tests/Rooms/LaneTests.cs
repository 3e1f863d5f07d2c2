using System.Globalization;
using System.IO.Pipelines;

namespace Longwire.Hubs.Tests;

public sealed class LaneTests : IAsyncDisposable
{
    private readonly HandTurnedLoop _loop = new();
    private TestHub? _hub;

    public async ValueTask DisposeAsync() => await (_hub?.DisposeAsync() ?? default);

    [Fact]
    public async Task Announcements_that_wait_for_a_busy_loop_are_told_in_one_of_its_turns_whoever_joins_between_them()
    {
        FanOut fanOut = await StartAsync();
        Member[] watchers = Join(fanOut, 500);
        RunAll();
        for (int number = 0; number < 10; number++)
        {
            Announce(fanOut, number);
            Join(fanOut, 1);
        }

        Assert.True(_loop.Turn());
        Assert.All(watchers, static watcher => Assert.Equal(10, watcher.Told.Count(static told => told.StartsWith('p'))));
    }

    [Fact]
    public async Task A_turn_of_announcements_ends_before_it_keeps_others_for_long()
    {
        FanOut fanOut = await StartAsync();
        Member[] watchers = Join(fanOut, 1_000);
        RunAll();
        for (int number = 0; number < 20; number++)
        {
            Announce(fanOut, number);
        }

        int before = watchers.Sum(static watcher => watcher.Told.Count);
        Assert.True(_loop.Turn());
        Assert.InRange(watchers.Sum(static watcher => watcher.Told.Count) - before, 7_000, 8_192);
    }

    [Fact]
    public async Task Of_a_publication_and_in_a_room_with_more_members_than_a_turn_sends_to_256_are_told_in_a_turn()
    {
        FanOut fanOut = await StartAsync();
        Member[] members = Join(fanOut, 1_024);
        RunAll();
        Publish(fanOut, 1);
        Assert.Equal(5, RunAll());
        Announce(fanOut, 1);
        Assert.Equal(1, RunAll());
        Join(fanOut, 1);
        Announce(fanOut, 2);
        Assert.Equal(5, RunAll());
        Assert.All(members, static member => Assert.Equal(["m1", "p1", "p2"], member.Told[1..]));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 300)]
    [InlineData(3, 1_020)]
    [InlineData(4, 1_100)]
    public async Task Each_member_is_told_the_same_as_if_one_thing_were_done_after_the_other(int seed, int count)
    {
        FanOut fanOut = await StartAsync();
        var random = new Random(seed);
        Member[] members = [.. Enumerable.Range(0, count).Select(number => new Member(Name(number), _loop))];
        var model = new Dictionary<Member, List<string>>();
        var present = new HashSet<Member>();
        int offset = 0;
        for (int step = 0; step < 4 * count / 3; step++)
        {
            Member member = members[random.Next(count)];
            switch (random.Next(8))
            {
                case 0 when present.Remove(member):
                    Remove(fanOut, member);
                    break;
                case 1:
                    Publish(fanOut, ++offset);
                    Expect(present, "m" + Name(offset));
                    break;
                case < 5:
                    Announce(fanOut, step, member.ClientId);
                    Expect(present.Where(other => other != member), "p" + Name(step));
                    break;
                default:
                    Join(fanOut, member, offset, step);
                    present.Add(member);
                    Expect([member], "j" + Name(step));
                    break;
            }

            fanOut.Run(mayDeliver: random.Next(2) == 0);
            if (random.Next(10) == 0)
            {
                _loop.Turn();
            }
        }

        RunAll();
        Assert.All(members, member => Assert.Equal(model.GetValueOrDefault(member, []), member.Told));

        void Expect(IEnumerable<Member> receivers, string told)
        {
            foreach (Member receiver in receivers)
            {
                (model.TryGetValue(receiver, out List<string>? all) ? all : model[receiver] = []).Add(told);
            }
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<FanOut> StartAsync()
    {
        _hub = await TestHub.StartAsync();
        return new FanOut(_hub.Hub.Context, SlowConsumerPolicy.Disconnect);
    }

    private int RunAll()
    {
        int turns = 0;
        while (_loop.Turn())
        {
            turns++;
        }

        return turns;
    }

    private Member[] Join(FanOut fanOut, int count)
    {
        Member[] members = [.. Enumerable.Range(0, count).Select(number => new Member(Name(number), _loop))];
        foreach (Member member in members)
        {
            Join(fanOut, member, 0, 0);
        }

        fanOut.Run(mayDeliver: false);
        return members;
    }

    private static void Join(FanOut fanOut, Member member, int offset, int id)
    {
        var joined = new JoinedEvent("general", 0, Position(offset), Name(id));
        lock (fanOut)
        {
            fanOut.Add(new LaneItem(LaneItemKind.Join) { Receiver = member, Event = joined });
        }
    }

    private static void Remove(FanOut fanOut, Member member)
    {
        lock (fanOut)
        {
            fanOut.Add(new LaneItem(LaneItemKind.Remove) { Receiver = member });
        }
    }

    private static void Announce(FanOut fanOut, int number, string? except = null)
    {
        var member = new RoomMember("", "", "", null);
        var user = new PresenceEntry("", "", 1, null, number);
        lock (fanOut)
        {
            fanOut.Tell(new PresenceEvent("general", new PresenceChange(PresenceChangeKind.Joined, member, user, number, number)), except);
        }

        fanOut.Run(mayDeliver: false);
    }

    private static void Publish(FanOut fanOut, int offset)
    {
        var draft = new PublicationDraft("message", null, ContentKind.Text, default, default);
        lock (fanOut)
        {
            fanOut.Tell(new PublicationEvent("general", new Publication(Position(offset), Tag(offset - 1), draft)));
        }

        fanOut.Run(mayDeliver: false);
    }

    private static RoomPosition Position(int offset) => new("epoch", offset) { Tag = Tag(offset) };

    private static ulong Tag(int offset) => (ulong)offset;

    private sealed class Member(string clientId, PipeScheduler loop) : Receiver
    {
        public List<string> Told { get; } = [];

        public override string ClientId => clientId;

        public override PipeScheduler? Loop => loop;

        public override bool Deliver(RoomEvent told, SlowConsumerPolicy policy)
        {
            Told.Add(
                told switch
                {
                    PresenceEvent presence => "p" + Name(presence.Change.Members),
                    PublicationEvent { Publication.Position: var position } => "m" + Name((int)position.Offset),
                    JoinedEvent joined => "j" + joined.Id,
                    _ => told.GetType().Name,
                }
            );
            return true;
        }

        public override void CloseTooSlow() => Told.Add("too slow");
    }
}
