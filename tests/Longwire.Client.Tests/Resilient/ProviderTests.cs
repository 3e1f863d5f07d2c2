using System.Net;

namespace Longwire.Client.Tests;

/// <summary>Providers are asked at each attempt. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class ProviderTests
{
    [Fact]
    public async Task Scenario_20_each_attempt_asks_anew()
    {
        int asked = 0;
        await using var world = new ResilientWorld(options =>
        {
            options.Headers = async _ => [KeyValuePair.Create("Authorization", $"Bearer {++asked}")];
            options.Subprotocols = async _ => [$"protocol.{asked}"];
        });
        (await world.OpenAsync()).Abort();
        await world.AttemptAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Busy.", HttpStatusCode.ServiceUnavailable));
        await world.AttemptAsync();
        TestNetwork.Dial dial = await world.Network.NextAsync();
        Assert.Equal([KeyValuePair.Create("Authorization", "Bearer 3")], dial.Options.Headers);
        Assert.Equal(["protocol.3"], dial.Options.Subprotocols);
    }

    [Fact]
    public async Task Scenario_21_a_provider_that_fails_is_asked_again()
    {
        bool fails = true;
        await using var world = new ResilientWorld(options =>
            options.Headers = async _ => fails ? throw new IOException("The vault is shut.") : []
        );
        _ = world.Socket.ConnectAsync();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal("The vault is shut.", change.Reason!.ToString());
        Assert.Empty(world.Network.Addresses);
        fails = false;
        world.Time.Advance(change.Delay);
        await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
    }

    [Fact]
    public async Task Scenario_22_a_provider_that_is_slow_makes_the_attempt_fail_and_its_late_answer_is_not_used()
    {
        var slow = new TaskCompletionSource<Uri>();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool first = true;
        await using var world = new ResilientWorld(options =>
            options.Address = _ =>
            {
                Task<Uri> answer = first ? slow.Task : Task.FromResult(new Uri("ws://server.test/second"));
                first = false;
                asked.TrySetResult();
                return answer;
            }
        );
        _ = world.Socket.ConnectAsync();
        await asked.Task.WaitAsync(Patience.Long);
        world.Time.Advance(TimeSpan.FromSeconds(15));
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal("The attempt took too long.", change.Reason!.ToString());
        slow.SetResult(new Uri("ws://server.test/late"));
        world.Time.Advance(change.Delay);
        Assert.Equal("/second", (await world.Network.NextAsync()).Address.AbsolutePath);
        Assert.Single(world.Network.Addresses);
    }

    [Fact]
    public async Task Scenario_23_a_client_that_was_refused_comes_back_with_something_else()
    {
        int asked = 0;
        await using var world = new ResilientWorld(options =>
            options.Headers = async _ => [KeyValuePair.Create("Authorization", $"Bearer {++asked}")]
        );
        Task connecting = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Who are you?", HttpStatusCode.Unauthorized));
        Assert.Equal(1, (await world.AttemptAsync()).Attempt);
        await world.Network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Scenario_24_what_was_refused_is_not_shown_again()
    {
        await using var world = new ResilientWorld(static options =>
            options.Headers = static async _ => [KeyValuePair.Create("Authorization", "Bearer the-same")]
        );
        Task connecting = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Who are you?", HttpStatusCode.Unauthorized));
        await world.AttemptAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.States.UntilAsync(ClientState.Closed)).Reason!.HttpStatus);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Single(world.Network.Addresses);
    }

    [Fact]
    public async Task Scenario_24_five_refusals_in_a_row_are_enough()
    {
        int asked = 0;
        await using var world = new ResilientWorld(options =>
            options.Headers = async _ => [KeyValuePair.Create("Authorization", $"Bearer {++asked}")]
        );
        _ = world.Socket.ConnectAsync();
        for (int refusal = 1; refusal <= 5; refusal++)
        {
            (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Who are you?", HttpStatusCode.Unauthorized));
            if (refusal < 5)
            {
                await world.AttemptAsync();
            }
        }

        await world.States.UntilAsync(ClientState.Closed);
        Assert.Equal(5, world.Network.Addresses.Length);
    }

    [Fact]
    public async Task A_client_without_providers_that_is_refused_is_closed()
    {
        await using var world = new ResilientWorld();
        _ = world.Socket.ConnectAsync();
        (await world.Network.NextAsync()).Fail(new WebSocketHandshakeException("Who are you?", HttpStatusCode.Unauthorized));
        await world.States.UntilAsync(ClientState.Closed);
    }
}
