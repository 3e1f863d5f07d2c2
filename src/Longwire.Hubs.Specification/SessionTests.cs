using System.Text.Json;

namespace Longwire.Hubs.Specification;

/// <summary>Sessions, which are one node's at a time, and go to another by their secret.</summary>
internal static class SessionTests
{
    private const string Client = "client";

    private static readonly TimeSpan _age = TimeSpan.FromMinutes(2);
    private static readonly SecretHash _secret = new(1, 2);
    private static readonly SecretHash _former = new(3, 4);
    private static readonly SecretHash _wrong = new(1, 3);

    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["A session is taken by another node as it was saved last"] = TakeAsync,
            ["A session that was taken is taken again, from there"] = TakeAgainAsync,
            ["A wrong secret takes nothing, and changes nothing"] = WrongSecretAsync,
            ["The secret before takes a session as long as it is good, and not when it was saved without it"] = FormerSecretAsync,
            ["Of two nodes that take a session at the same time one has it"] = RaceAsync,
            ["A node from which a session was taken can neither save nor remove it"] = FormerNodeAsync,
            ["A session that was removed is taken by nobody, and not brought back"] = RemoveAsync,
            ["A session is kept as long as its node lives, and for its age after that"] = AgeAsync,
            ["A node whose lease has lapsed keeps what it saves and takes"] = LapsedAsync,
            ["A session that was forgotten is saved by a later generation than those that it had"] = ForgottenAsync,
            ["A node that is cut off can do nothing with sessions, and learns which it has lost when it is healed"] = CutAsync,
            ["A node that is frozen learns which sessions it has lost when it thaws"] = FrozenAsync,
        };

    private static async Task TakeAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        JsonElement metadata = JsonElement.Parse("""{"age":42}""");
        SessionRecord first = Record();
        SessionRecord saved = first with
        {
            FormerSecret = _former,
            FormerSecretAge = TimeSpan.FromSeconds(30),
            Producer = "outbox",
            User = new SessionUser("ann", "Ann")
            {
                Claims = [new SessionClaim("jti", "t1"), new SessionClaim("role", "a"), new SessionClaim("role", "b")],
                AuthenticationType = "Bearer",
                NameClaimType = "name",
                RoleClaimType = "role",
                ExpiresAt = world.Date + TimeSpan.FromHours(1),
                IssuedAt = world.Date,
                Metadata = metadata,
            },
            Rooms =
            [
                new SessionRoom("tea", new RoomMember(Client, "ann", "Ann", metadata)),
                new SessionRoom("coffee", Check.Member(Client, "ann")),
            ],
        };
        Check.Equal(true, await one.SaveAsync(first), "That a session is saved");
        Check.Equal(true, await one.SaveAsync(saved, generation: 1), "That it is saved again");
        Check.Equal("one", await two.FindAsync(), "The node that has it");
        TakenSession taken =
            await two.TakeAsync(_secret) ?? throw new SpecificationException("A session should be taken by its secret, and is not.");
        Check.Equal((1L, "one"), (taken.FormerGeneration, taken.Node), "The generation before, and the node that had it");
        Check.Equal(true, taken.Generation > 1, "That the generation is greater then");
        Check.Equal(Text(saved), Text(taken.Record), "The session");
        Check.Equal("two", await one.FindAsync(), "The node that has it then");
    }

    private static async Task TakeAgainAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        TakenSession? first = await two.TakeAsync(_secret);
        long generation = first?.Generation ?? 0;
        Check.Equal(true, await two.SaveAsync(Record() with { Producer = "two" }, generation), "That the node that took it can save it");
        TakenSession? second = await two.TakeAsync(_secret);
        Check.Equal(("two", generation), (second?.Node, second?.FormerGeneration ?? 0), "By the node that has it");
        TakenSession? back = await one.TakeAsync(_secret);
        Check.Equal(("two", second?.Generation), (back?.Node, back?.FormerGeneration), "By the node where it began");
        Check.Equal("two", back?.Record.Producer, "The source of the session's ids");
        Check.Equal(true, back?.Generation > second?.Generation && second?.Generation > generation, "That generations grow");
        // One that began anew, or was forgotten, has no generation that was there before.
        await one.SaveAsync(Record("other"));
        TakenSession? other = await two.TakeAsync(_secret, "other");
        Check.Equal(true, other?.Generation > back?.Generation, "That another session has another generation");
    }

    private static async Task WrongSecretAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        Check.Equal(null, await two.TakeAsync(_wrong), "What is taken by a wrong secret");
        Check.Equal(null, await two.TakeAsync(_former), "What is taken by a secret before, of which there is none");
        Check.Equal(null, await two.TakeAsync(default), "What is taken by no secret");
        Check.Equal(null, await two.TakeAsync(_secret, "another"), "What is taken by the secret of another session");
        Check.Equal(null, await two.FindAsync("another"), "The node of a session that is not there");
        Check.Equal("one", await two.FindAsync(), "The node that has the session");
        Check.Equal(true, await one.SaveAsync(Record(), generation: 1), "That the node can save it still");
    }

    private static async Task FormerSecretAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        SessionRecord renewed = Record() with { FormerSecret = _former, FormerSecretAge = TimeSpan.FromSeconds(30) };
        await one.SaveAsync(renewed);
        await world.PassAsync(TimeSpan.FromSeconds(29));
        TakenSession? taken = await two.TakeAsync(_former);
        Check.Equal(_former, taken?.Record.FormerSecret, "The secret before of a session taken by it");
        Check.Equal(TimeSpan.FromSeconds(1), taken?.Record.FormerSecretAge, "For how long that is good still");
        await two.LiveAsync();
        await world.PassAsync(TimeSpan.FromSeconds(1));
        Check.Equal(null, await one.TakeAsync(_former), "What is taken by a secret that is good no more");
        Check.Equal(null, (await one.TakeAsync(_secret))?.Record.FormerSecret, "The secret before, when it is good no more");
        await one.LiveAsync();
        long generation = (await one.TakeAsync(_secret))?.Generation ?? 0;
        Check.Equal(true, await one.SaveAsync(renewed, generation), "That the session is saved with a secret before");
        Check.Equal(true, await one.SaveAsync(Record(), generation), "That it is saved without it");
        Check.Equal(null, await two.TakeAsync(_former), "What is taken by a secret that is void");
    }

    private static async Task RaceAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await using RecordingNode three = await Check.StartAsync(world, "three");
        await one.SaveAsync(Record());
        Task<TakenSession?>[] takes = [Task.Run(() => two.TakeAsync(_secret)), Task.Run(() => three.TakeAsync(_secret))];
        TakenSession?[] taken = await Task.WhenAll(takes);
        long[] generations = [.. taken.Select(static session => session?.Generation ?? 0)];
        Check.Equal(true, generations[0] != generations[1] && generations.Min() > 1, "That both have a generation of their own");
        bool[] saves = [await two.SaveAsync(Record(), generations[0]), await three.SaveAsync(Record(), generations[1])];
        bool isFirst = generations[0] > generations[1];
        Check.Equal((isFirst, !isFirst), (saves[0], saves[1]), "Which of the two can save it");
        Check.Equal(saves[0] ? "two" : "three", await one.FindAsync(), "The node that has it");
    }

    private static async Task FormerNodeAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        TakenSession? taken = await two.TakeAsync(_secret);
        SessionRecord other = Record() with { Producer = "old" };
        Check.Equal(false, await one.SaveAsync(other, generation: 1), "That a node saves a session that was taken from it");
        await one.Engine.Sessions.RemoveAsync(Client, 1, Check.None);
        TakenSession? again = await two.TakeAsync(_secret);
        Check.Equal(
            (taken?.Generation, null),
            (again?.FormerGeneration, again?.Record.Producer),
            "The session, when the former node has tried both"
        );
    }

    private static async Task RemoveAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        long generation = (await two.TakeAsync(_secret))?.Generation ?? 0;
        await two.SaveAsync(Record(), generation);
        await two.Engine.Sessions.RemoveAsync(Client, generation, Check.None);
        Check.Equal(null, await one.TakeAsync(_secret), "What is taken of a session that was removed");
        Check.Equal(null, await one.FindAsync(), "The node that has it");
        Check.Equal(false, await one.SaveAsync(Record(), generation: 1), "That the node where it began saves it");
        Check.Equal(null, await two.TakeAsync(_secret), "What is taken after that");
        // One that never was another node's is removed, too.
        await one.SaveAsync(Record("short"));
        await one.Engine.Sessions.RemoveAsync("short", 1, Check.None);
        Check.Equal(null, await two.TakeAsync(_secret, "short"), "What is taken of a session that was removed where it began");
    }

    private static async Task AgeAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        await one.SaveAsync(Record("other"));
        for (TimeSpan passed = TimeSpan.Zero; passed < _age * 2; passed += TimeSpan.FromSeconds(5))
        {
            await world.PassAsync(TimeSpan.FromSeconds(5));
            await one.LiveAsync();
            await two.LiveAsync();
        }

        Check.Equal("one", await two.FindAsync(), "The node of a session that was saved long ago");
        // The lease of the first node ends after ten seconds.
        await PassAsync(world, two, _age);
        Check.Equal("one", (await two.TakeAsync(_secret))?.Node, "A session shortly before its age is over");
        await PassAsync(world, two, TimeSpan.FromSeconds(15));
        Check.Equal(null, await two.TakeAsync(_secret, "other"), "A session of which the age is over");
        Check.Equal("two", await two.FindAsync(), "The node of the session that was taken in time");
    }

    private static async Task LapsedAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await two.SaveAsync(Record());
        await PassAsync(world, two, _age * 2);
        await one.SaveAsync(Record("other"));
        Check.Equal("one", (await two.TakeAsync(_secret, "other"))?.Node, "A session that was saved by a node whose lease has lapsed");
        Check.Equal("two", (await one.TakeAsync(_secret))?.Node, "A session that such a node takes");
        Check.Equal(false, await two.SaveAsync(Record(), generation: 1), "That the node from which it was taken saves it");
        Check.Equal("one", await two.FindAsync(), "The node of the session that was taken");
    }

    private static async Task ForgottenAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        Check.Equal(1L, await one.SaveByAsync(Record(), 0), "The generation of a new session");
        Check.Equal(1L, await one.SaveByAsync(Record(), 1), "The generation of a session that is saved again");
        long taken = (await two.TakeAsync(_secret))?.Generation ?? 0;
        Check.Equal(taken, await two.SaveByAsync(Record(), taken), "The generation of a session that was taken");
        await PassAsync(world, one, _age * 2);
        Check.Equal(null, await one.FindAsync(), "The node of a session whose node is dead for longer than it is kept");
        long saved = await one.SaveByAsync(Record(), 1);
        Check.Equal(true, saved > taken, "That the generation is later by which a forgotten session is saved");
        Check.Equal(0L, await two.SaveByAsync(Record(), taken), "The generation of the node that had it, when that is back");
        Check.Equal(saved, await one.SaveByAsync(Record(), saved), "The generation of the node that has it");
        Check.Equal(saved, (await one.TakeAsync(_secret))?.FormerGeneration, "The generation before, when it is taken");
    }

    private static async Task CutAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        await one.SaveAsync(Record("kept"));
        await world.CutAsync(one.Engine);
        await Check.FailsAsync(async () => await one.SaveAsync(Record(), generation: 1), "Saving a session");
        await Check.FailsAsync(async () => await one.TakeAsync(_secret), "Taking a session");
        await Check.FailsAsync(async () => await one.FindAsync(), "Looking for a session's node");
        await Check.FailsAsync(() => one.Engine.Sessions.RemoveAsync(Client, 1, Check.None), "Removing a session");
        await Check.FailsAsync(
            () => one.Engine.Nodes.SendAsync("two", new NodeCommand(NodeCommandTarget.All, ""), Check.None),
            "A command to one node"
        );
        Check.Equal("one", (await two.TakeAsync(_secret))?.Node, "A session of a node that is cut off");
        await world.HealAsync(one.Engine);
        Check.Equal(false, await one.SaveAsync(Record(), generation: 1), "That the healed node saves what was taken from it");
        Check.Equal(true, await one.SaveAsync(Record("kept"), generation: 1), "That it saves what was not");
    }

    private static async Task FrozenAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.SaveAsync(Record());
        await world.FreezeAsync(one.Engine);
        Task<bool> saving = one.SaveAsync(Record() with { Producer = "old" }, generation: 1);
        Check.Equal(false, saving.IsCompleted, "That a frozen node's call has ended");
        Check.Equal("one", (await two.TakeAsync(_secret))?.Node, "A session of a node that is frozen");
        await world.HealAsync(one.Engine);
        Check.Equal(false, await saving, "That the node saves, when it has thawed, what was taken from it");
        Check.Equal(null, (await two.TakeAsync(_secret))?.Record.Producer, "The source of the session's ids");
    }

    private static SessionRecord Record(string clientId = Client) => new(clientId, _secret, new SessionUser("ann", "Ann"));

    private static async Task<bool> SaveAsync(this RecordingNode node, SessionRecord session, long generation = 0) =>
        await node.SaveByAsync(session, generation).ConfigureAwait(false) > 0;

    private static async Task<long> SaveByAsync(this RecordingNode node, SessionRecord session, long generation) =>
        await node.Engine.Sessions.SaveAsync(session, generation, _age, Check.None).ConfigureAwait(false);

    private static async Task<TakenSession?> TakeAsync(this RecordingNode node, SecretHash secret, string clientId = Client) =>
        await node.Engine.Sessions.TakeAsync(clientId, secret, Check.None).ConfigureAwait(false);

    private static async Task<string?> FindAsync(this RecordingNode node, string clientId = Client) =>
        await node.Engine.Sessions.FindNodeAsync(clientId, Check.None).ConfigureAwait(false);

    private static async Task LiveAsync(this RecordingNode node) =>
        await node.Presence.RenewLeaseAsync(TimeSpan.FromSeconds(10), Check.None).ConfigureAwait(false);

    private static async Task PassAsync(HubWorld world, RecordingNode living, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(5))
        {
            await world.PassAsync(TimeSpan.FromSeconds(5));
            await living.LiveAsync();
        }
    }

    /// <summary>All of a session, to be compared.</summary>
    private static string Text(SessionRecord session) =>
        string.Join(
            '\n',
            [
                $"{session.ClientId} {session.Secret} {session.FormerSecret} {session.FormerSecretAge} {session.Producer}",
                $"{session.User.UserId} {session.User.Username} {session.User.AuthenticationType} {session.User.NameClaimType}",
                $"{session.User.RoleClaimType} {session.User.ExpiresAt?.UtcTicks} {session.User.IssuedAt?.UtcTicks} {session.User.Metadata}",
                .. session.User.Claims.Select(static claim => $"{claim.Type} {claim.Value}"),
                .. session.Rooms.Select(static room =>
                    $"{room.Name} {room.Member.ClientId} {room.Member.UserId} {room.Member.Username} {room.Member.Metadata}"
                ),
            ]
        );
}
