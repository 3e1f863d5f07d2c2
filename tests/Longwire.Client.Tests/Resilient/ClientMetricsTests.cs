using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Longwire.Client.Tests;

/// <summary>The figures of clients that stay up.</summary>
public sealed partial class ClientMetricsTests
{
    [Fact]
    public void The_guide_lists_the_instruments_with_their_units()
    {
        using var figures = new ClientFigures();
        RuntimeHelpers.RunClassConstructor(typeof(ClientMetrics).TypeHandle);
        Assert.NotEmpty(figures.Instruments);
        Assert.Equal(
            Rows().Select(static row => (row.Groups["name"].Value, row.Groups["unit"].Value)).Order(),
            figures.Instruments.Select(static instrument => (instrument.Key, instrument.Value)).Order()
        );
    }

    [Fact]
    public async Task Attempts_open_connections_and_endings_are_counted()
    {
        using var figures = new ClientFigures();
        await using var world = new ResilientWorld();
        Task connecting = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Nobody is there.", null));
        WebSocketConnection server = await world.ReturnAsync();
        await connecting.WaitAsync(Patience.Long);
        await figures.UntilAsync("attempts True", 1);
        await figures.UntilAsync("connections", 1);
        Assert.Equal(1, figures["attempts False"]);

        server.TryClose(CloseStatus.ServiceRestart, "Service restart");
        server = await world.ReturnAsync();
        server.Abort();
        await world.ReturnAsync();
        await figures.UntilAsync("attempts True", 3);
        await figures.UntilAsync("connections", 1);
        Assert.Equal((1, 1), (figures["endings 1012"], figures["endings 1006"]));

        await world.DisposeAsync();
        Assert.Equal((0, 1), (figures["connections"], figures["attempts False"]));
        AssertTags(figures, "attempts", "endings");
    }

    [Fact]
    public async Task An_attempt_that_is_not_made_is_not_counted()
    {
        using var figures = new ClientFigures();
        await using var world = new ResilientWorld(static options =>
            options.Headers = static async _ => [KeyValuePair.Create("Authorization", "Bearer the-same")]
        );
        _ = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Who are you?", HttpStatusCode.Unauthorized));
        await world.AttemptAsync();
        await world.States.UntilAsync(ClientState.Closed);
        Assert.Single(world.Network.Addresses);
        Assert.Equal(1, figures["attempts False"]);
    }

    [Fact]
    public async Task Messages_that_wait_and_those_that_are_discarded_are_counted()
    {
        using var figures = new ClientFigures();
        var address = new Uri("ws://first.test/feed");
        await using var world = new ResilientWorld(options =>
        {
            options.Address = _ => Task.FromResult(address);
            options.Outbox = new OutboxOptions { MaxMessages = 2, WhenFull = OutboxFullMode.DropOldest };
        });
        for (int number = 0; number < 3; number++)
        {
            await world.Socket.SendAsync($"{number}");
        }

        Assert.Equal((2, 1), (figures["outbox.messages"], figures["outbox.discarded OutboxFull"]));
        WebSocketConnection server = await world.OpenAsync();
        await figures.UntilAsync("outbox.messages", 0);

        address = new Uri("ws://second.test/feed");
        server.Abort();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        await world.Socket.SendAsync("for the first");
        Assert.Equal(1, figures["outbox.messages"]);
        world.Time.Advance(change.Delay);
        server = await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
        Assert.Equal((0, 1), (figures["outbox.messages"], figures["outbox.discarded OtherDestination"]));

        server.Abort();
        await world.States.UntilAsync(ClientState.Reconnecting);
        await world.Socket.SendAsync("never sent");
        await world.DisposeAsync();
        Assert.Equal((0, 1), (figures["outbox.messages"], figures["outbox.discarded Disposed"]));
        AssertTags(figures, "attempts", "endings", "outbox.discarded");
    }

    private static void AssertTags(ClientFigures figures, params string[] instruments) =>
        Assert.Equal(
            Rows()
                .Where(row => instruments.Contains(row.Groups["name"].Value["longwire.client.".Length..]))
                .Select(static row => (row.Groups["name"].Value, row.Groups["tag"].Value))
                .Order(),
            figures.Tags.Select(static tag => (tag.Key, tag.Value)).Order()
        );

    private static MatchCollection Rows()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Longwire.slnx")))
        {
            folder = folder.Parent!;
        }

        return Row().Matches(File.ReadAllText(Path.Combine(folder.FullName, "docs/guides/resilient-clients.md")));
    }

    [GeneratedRegex(@"^\| `(?<name>longwire\.client\.[a-z.]+)` \| `(?<unit>[^`]+)` \|[^|]*\| (`(?<tag>[a-z.]+)`)?", RegexOptions.Multiline)]
    private static partial Regex Row();
}
