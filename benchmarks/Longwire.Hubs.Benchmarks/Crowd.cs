using System.Diagnostics;
using System.Globalization;
using Longwire.Transport.Linux;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// Clients on one event loop, which count what comes and in which order. In a closed loop: one of them says the next thing when everybody
/// has got the last.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly EventLoopGroup _group = new(new EventLoopOptions { LoopCount = 1 });
    private readonly LoopWebSocketClient _client;
    private readonly string _filler = new('x', 100 - 9);
    private TaskCompletionSource _done = new();
    private Target? _target;
    private long _endAt;
    private long _windowAt;
    private int _missing;
    private int _said;
    private volatile Exception? _failure;

    public Crowd() =>
        _client = new LoopWebSocketClient(
            _group,
            new LoopWebSocketClientOptions
            {
                ConnectTimeout = _patience,
                Connection = new WebSocketConnectionOptions { PingInterval = Timeout.InfiniteTimeSpan },
            }
        );

    public List<Client> Clients { get; } = [];

    /// <summary>Things said in the window.</summary>
    public long Said { get; private set; }

    /// <summary>The server's processor time when the window began, and how it is read.</summary>
    public Func<double> ReadCpu { get; set; } = static () => 0;

    public double CpuSeconds { get; private set; }

    /// <summary>Connects clients, and waits until each has heard what it is to hear first.</summary>
    public async Task ConnectAsync(ServerProcess server, string path, int count, Func<int, Client> create)
    {
        int first = Clients.Count;
        Clients.AddRange(Enumerable.Range(first, count).Select(create));
        await Parallel.ForEachAsync(
            Clients.Skip(first),
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (client, end) =>
            {
                string token = path == "/hub" ? $"?token=u{client.Number}&session={client.Session}" : "";
                client.Connection = await _client.ConnectAsync(new Uri($"ws://{server.Authority}{path}{token}"), client, end);
            }
        );
        await WaitAsync(Task.WhenAll(Clients.Skip(first).Select(static client => client.Ready)));
    }

    /// <summary>Has one client say things for a while, each when all have got the one before.</summary>
    public async Task SayAsync(Target target, TimeSpan warmUp, TimeSpan window)
    {
        _target = target;
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Said = 0;
        long now = Stopwatch.GetTimestamp();
        _windowAt = now + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        _endAt = _windowAt + (long)(window.TotalSeconds * Stopwatch.Frequency);
        CpuSeconds = double.NaN;
        SayNext();
        await WaitAsync(_done.Task, warmUp + window);
    }

    /// <summary>Waits, unless something was wrong.</summary>
    public async Task WaitAsync(Task task, TimeSpan more = default)
    {
        long deadline = Stopwatch.GetTimestamp() + (long)((_patience + more).TotalSeconds * Stopwatch.Frequency);
        while (!task.IsCompleted)
        {
            if (_failure is { } failure)
            {
                throw new InvalidOperationException("The run is worth nothing.", failure);
            }

            if (Stopwatch.GetTimestamp() > deadline)
            {
                throw new TimeoutException("The server does not come to an end.");
            }

            await Task.WhenAny(task, Task.Delay(50));
        }

        await task;
    }

    /// <summary>A client has got what was said; called on the loop.</summary>
    public void OnHeard(int number, int expected)
    {
        if (number != expected)
        {
            Fail(new InvalidOperationException($"{expected} was to come, and {number} came."));
        }
        else if (--_missing == 0 && _target is not null)
        {
            OnHeardByAll(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>All say goodbye, which ends their sessions.</summary>
    public Task LeaveAsync() => WaitAsync(Task.WhenAll(Clients.Select(static client => client.Connection!.CloseAsync())));

    public void Fail(Exception exception) => _failure ??= exception;

    public async ValueTask DisposeAsync()
    {
        foreach (Client client in Clients)
        {
            client.Connection?.Abort();
        }

        await _group.DisposeAsync();
    }

    private void OnHeardByAll(long now)
    {
        if (now >= _endAt)
        {
            CpuSeconds = ReadCpu() - CpuSeconds;
            _target = null;
            _done.SetResult();
            return;
        }

        if (now >= _windowAt)
        {
            if (double.IsNaN(CpuSeconds))
            {
                CpuSeconds = ReadCpu();
            }
            else
            {
                Said++;
            }
        }

        SayNext();
    }

    private void SayNext()
    {
        _missing = Clients.Count;
        string content = string.Create(CultureInfo.InvariantCulture, $"#{++_said:00000000}{_filler}");
        if (!Clients[0].Connection!.TrySend(System.Text.Encoding.UTF8.GetBytes(_target!.Say(content)), MessageType.Text))
        {
            Fail(new InvalidOperationException("The server does not take what is said."));
        }
    }
}
