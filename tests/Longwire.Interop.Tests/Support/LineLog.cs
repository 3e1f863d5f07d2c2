using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>Lines that come one by one, and a wait for one of them. Any thread.</summary>
internal sealed class LineLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <summary>How many lines there are so far; a later wait can begin after them.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    public void Add(string line) => Change(() => _lines.Add(line));

    /// <summary>No line will follow: whoever waits has waited in vain.</summary>
    public void End() => Change(() => _ended = true);

    public IReadOnlyList<string> Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    /// <summary>The first line from <paramref name="skip"/> on that matches, whether it has come or is to come.</summary>
    public async Task<Match> WaitForAsync(Regex pattern, int skip = 0, TimeSpan? patience = null)
    {
        using var timeOut = new CancellationTokenSource(patience ?? Patience.Short);
        int seen = skip;
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                for (; seen < _lines.Count; seen++)
                {
                    if (pattern.Match(_lines[seen]) is { Success: true } match)
                    {
                        return match;
                    }
                }

                if (_ended)
                {
                    throw new InvalidOperationException($"The process ended without a line like '{pattern}':\n{this}");
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(timeOut.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"No line like '{pattern}' came:\n{this}");
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', Snapshot());

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
