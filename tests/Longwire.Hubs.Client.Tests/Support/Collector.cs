using System.Threading.Channels;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Numbers that a handler was called with, to be waited for.</summary>
internal sealed class Collector
{
    private readonly Channel<int> _numbers = Channel.CreateUnbounded<int>();
    private readonly List<int> _all = [];

    public int[] All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Add(int number)
    {
        lock (_all)
        {
            _all.Add(number);
        }

        _numbers.Writer.TryWrite(number);
    }

    public void AddIf(int number, bool isWanted)
    {
        if (isWanted)
        {
            Add(number);
        }
    }

    public Task<int> NextAsync() => _numbers.Reader.ReadAsync().AsTask().WaitAsync(Patience.Long);

    public async Task UntilAsync(int number)
    {
        while (await NextAsync() != number)
        {
            // The messages before it.
        }
    }
}
