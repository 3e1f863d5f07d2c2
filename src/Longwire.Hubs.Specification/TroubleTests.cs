using System.Text;

namespace Longwire.Hubs.Specification;

/// <summary>Nodes that are cut off, frozen and healed, and a store that loses its newest data.</summary>
internal static class TroubleTests
{
    public static Dictionary<string, Func<HubWorld, Task>> All { get; } =
        new()
        {
            ["A command reaches every node, the sender included"] = CommandAsync,
            ["A command to one node reaches no other"] = CommandToOneAsync,
            ["A question is answered by the node that is asked, and by none that is not there"] = QuestionAsync,
            ["A node that is cut off fails, never pretends, and can read what it missed when it is healed"] = CutAsync,
            ["A node that is frozen waits, and loses nothing"] = FrozenAsync,
            ["After a loss an offset is given again, under another tag"] = LossAsync,
            ["An engine is started once"] = StartAsync,
        };

    private static async Task CommandAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        var command = new NodeCommand(NodeCommandTarget.User, "ann") { Message = Check.Draft(1), ExceptClientId = "c" };
        await one.Engine.Nodes.BroadcastAsync(command, Check.None);
        foreach (RecordingNode node in (RecordingNode[])[one, two])
        {
            await node.ExpectAsync(
                static node => string.Join(' ', node.Commands.Select(static told => $"{told.Target} {told.Name}")),
                "User ann"
            );
            NodeCommand told = node.Commands[0];
            Check.Equal("c", told.ExceptClientId, "The client left out");
            Check.Equal(true, told.Message!.Content.Span.SequenceEqual(command.Message.Content.Span), "That the content is the same");
        }
    }

    private static async Task CommandToOneAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await one.Engine.Nodes.SendAsync("two", new NodeCommand(NodeCommandTarget.Session, "ann") { TakenGeneration = 7 }, Check.None);
        await one.Engine.Nodes.SendAsync("nobody", new NodeCommand(NodeCommandTarget.Session, "ann"), Check.None);
        await two.ExpectAsync(static node => string.Join(' ', node.Commands.Select(static told => told.TakenGeneration)), "7");
        Check.Equal(0, one.Commands.Length, "How many commands came to the node that sent them");
    }

    private static async Task QuestionAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        Check.Equal("two ann ?", await AskAsync(one, "two"), "The other node's answer");
        Check.Equal("two ann ?", await AskAsync(two, "two"), "The answer of the node itself");
        Check.Equal(null, await AskAsync(one, "three"), "The answer of a node that is not there");
        await world.CutAsync(two.Engine);
        Check.Equal(null, await AskAsync(one, "two"), "The answer of a node that is cut off");
        await Check.FailsAsync(async () => await AskAsync(two, "one"), "Asking");
        await world.HealAsync(two.Engine);
        await world.FreezeAsync(two.Engine);
        using var impatience = new CancellationTokenSource();
        Task asking = one.Engine.Nodes.AskAsync("two", new NodeQuestion("ann", default), impatience.Token).AsTask();
        await impatience.CancelAsync();
        Check.Equal(true, await EndsAsync(asking), "That a question to a frozen node is given up");
    }

    private static async Task<string?> AskAsync(RecordingNode node, string asked) =>
        await node.Engine.Nodes.AskAsync(asked, new NodeQuestion("ann", new[] { (byte)'?' }), Check.None) is { } answer
            ? Encoding.UTF8.GetString(answer.Span)
            : null;

    private static async Task CutAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await two.Publications.SubscribeAsync("room", Check.None);
        await one.PublishAsync("room", 1, Check.Kept);
        await two.ExpectAsync(node => node.Offsets("room"), "1");
        await world.CutAsync(two.Engine);
        await one.PublishAsync("room", 2, Check.Kept);
        await Check.FailsAsync(async () => await two.PublishAsync("room", 9, Check.Kept), "Publishing");
        await Check.FailsAsync(async () => await two.Publications.SubscribeAsync("other", Check.None), "Subscribing");
        await Check.FailsAsync(async () => await two.ReadAsync("room", new HistoryQuery { Limit = 1 }), "Reading");
        await Check.FailsAsync(async () => await two.Presence.AddAsync("room", [Check.Member("a")], Check.None), "Adding a member");
        await Check.FailsAsync(() => two.Engine.Nodes.BroadcastAsync(new NodeCommand(NodeCommandTarget.All, ""), Check.None), "A command");
        await world.HealAsync(two.Engine);
        await two.ExpectAsync(static node => string.Join(' ', node.States), "Away Online");
        Check.Equal("2", await two.ReadAsync("room", new HistoryQuery { Since = 1, Limit = 10 }), "What was missed");
        await one.PublishAsync("room", 3, Check.Kept);
        await two.ExpectAsync(static node => node.Told("room").LastOrDefault()?.Position.Offset.ToString() ?? "", "3");
    }

    private static async Task FrozenAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await using RecordingNode two = await Check.StartAsync(world, "two");
        await two.Publications.SubscribeAsync("room", Check.None);
        await world.FreezeAsync(two.Engine);
        await one.PublishAsync("room", 1, Check.Kept);
        Task<PublishResult> publishing = two.PublishAsync("room", 2, Check.Kept);
        Check.Equal(false, publishing.IsCompleted, "That a frozen node's call has ended");
        using var impatience = new CancellationTokenSource();
        Task given = two.Publications.ReadHistoryAsync("room", new HistoryQuery { Limit = 1 }, impatience.Token).AsTask();
        await impatience.CancelAsync();
        Check.Equal(true, await EndsAsync(given), "That a frozen node's call is cancelled");
        await world.HealAsync(two.Engine);
        Check.Equal(2, (await publishing).Position.Offset, "The offset of what was published when it had thawed");
        await two.ExpectAsync(node => node.Offsets("room"), "1 2");
    }

    private static async Task LossAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        await one.PublishAsync("room", 1, Check.Kept);
        StoreOptions keyed = Check.Kept with { IdempotencyKey = new IdempotencyKey("ann", "1"), IdempotencyAge = TimeSpan.FromHours(1) };
        PublishResult lost = await one.PublishAsync("room", 2, keyed);
        await world.LoseNewestAsync(1);
        PublishResult again = await one.PublishAsync("room", 2, keyed);
        Check.Equal(PublishOutcome.Published, again.Outcome, "The outcome for what was lost");
        Check.Equal(
            (lost.Position.Offset, false),
            (again.Position.Offset, again.Position == lost.Position),
            "The offset, and whether it is the same"
        );
    }

    private static async Task StartAsync(HubWorld world)
    {
        await using RecordingNode one = await Check.StartAsync(world, "one");
        try
        {
            await one.Engine.StartAsync(one, Check.None);
        }
        catch (InvalidOperationException)
        {
            return;
        }

        throw new SpecificationException("An engine that is started twice should throw an InvalidOperationException.");
    }

    private static async Task<bool> EndsAsync(Task task)
    {
        try
        {
            await task;
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
