using Longwire.Hubs.Testing;

namespace Longwire.Yjs.Tests;

public sealed class AwarenessStatesTests
{
    private readonly HubTestClock _time = new();

    [Theory]
    [InlineData(4, "2", "1")] // older
    [InlineData(5, "2", "1")] // the same
    [InlineData(6, "2", "2")] // newer
    [InlineData(5, "null", "null")] // the same, but gone
    [InlineData(4, "null", "1")]
    public void The_newer_clock_wins(long clock, string state, string expected)
    {
        AwarenessStates states = Create();
        Apply(states, (7, 5, "1"));
        Apply(states, (7, clock, state));
        Assert.Equal(expected, Read(states.TakeChanges(0)).Single().State);
    }

    [Fact]
    public void Clients_that_are_gone_are_forgotten_so_that_they_take_no_memory()
    {
        AwarenessStates states = Create();
        for (int client = 0; client < 90; client++)
        {
            Apply(states, (client, 1, "{}"));
        }

        states.Remove(this);
        Assert.Equal(90, Read(states.TakeChanges(0)).Count(static state => state.State == "null"));
        Assert.Empty(Read(states.EncodeAll(0)));
        _time.Advance(AwarenessStates.Expiry);
        states.Expire();
        Assert.True(states.IsEmpty);
        Assert.False(states.HasChanges);
    }

    [Fact]
    public void More_clients_than_may_be_are_an_error()
    {
        AwarenessStates states = Create();
        for (int client = 0; client < 100; client++)
        {
            Apply(states, (client, 1, "{}"));
        }

        Assert.False(states.TryApply(new FrameWriter().Number(1).Number(100).Number(1).Text("{}").ToArray(), this, out YjsError? error));
        Assert.Contains("100", error.Message, StringComparison.Ordinal);
    }

    private AwarenessStates Create() => new(_time, maxClients: 100, maxStateBytes: 1000);

    private static IReadOnlyList<(long Client, long Clock, string State)> Read(byte[] update) =>
        YjsPeer.States(new FrameWriter().Number(1).Bytes(update).ToArray());

    private void Apply(AwarenessStates states, (long Client, long Clock, string State) state)
    {
        byte[] update = new FrameWriter().Number(1).Number(state.Client).Number(state.Clock).Text(state.State).ToArray();
        Assert.True(states.TryApply(update, this, out YjsError? error), error?.ToString());
    }
}
