using System.Threading.Channels;

namespace Longwire.Client.Tests;

/// <summary>The states that a client tells of, to be waited for one after the other.</summary>
internal sealed class StateLog
{
    private readonly Channel<ClientStateChange> _changes = Channel.CreateUnbounded<ClientStateChange>();
    private readonly List<ClientStateChange> _all = [];

    public StateLog(ResilientWebSocket socket) => socket.StateChanged += (_, change) => Add(change);

    public StateLog() { }

    public ClientStateChange[] All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Add(ClientStateChange change)
    {
        lock (_all)
        {
            _all.Add(change);
        }

        Assert.True(_changes.Writer.TryWrite(change));
    }

    /// <summary>The next state.</summary>
    public Task<ClientStateChange> NextAsync() => _changes.Reader.ReadAsync().AsTask().WaitAsync(Patience.Long);

    /// <summary>The next state, which must be this one.</summary>
    public async Task<ClientStateChange> NextAsync(ClientState expected)
    {
        ClientStateChange change = await NextAsync();
        Assert.Equal(expected, change.State);
        return change;
    }

    /// <summary>The next time that the client comes to a state, whatever is before.</summary>
    public async Task<ClientStateChange> UntilAsync(ClientState state)
    {
        while (true)
        {
            ClientStateChange change = await NextAsync();
            if (change.State == state)
            {
                return change;
            }
        }
    }
}
