using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Loops and one listener on a free port, for handlers that a test gives.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    /// <summary>A time limit, so that a hang becomes a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private TestServer(EventLoopGroup group, LoopListener listener)
    {
        Group = group;
        Listener = listener;
    }

    public EventLoopGroup Group { get; }

    public LoopListener Listener { get; }

    public EventLoop Loop => Group.Loops[0];

    public static async Task<TestServer> StartAsync(
        EventLoopKind kind,
        Func<LoopSocketHandler> handler,
        Action<EventLoopOptions>? configure = null,
        SystemCalls? calls = null,
        ListLogger? logger = null,
        LoopListenerOptions? listening = null
    )
    {
        var options = new EventLoopOptions { Kind = kind, LoopCount = 1 };
        configure?.Invoke(options);
        var group = new EventLoopGroup(
            options,
            logger ?? (Microsoft.Extensions.Logging.ILogger)NullLogger.Instance,
            calls ?? SystemCalls.Kernel
        );
        LoopListener listener = await LoopListener.StartAsync(
            group,
            new IPEndPoint(IPAddress.Loopback, 0),
            _ => handler(),
            listening,
            logger
        );
        return new TestServer(group, listener);
    }

    public async Task<Socket> ConnectAsync(Action<Socket>? configure = null)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        configure?.Invoke(client);
        await client.ConnectAsync(Listener.EndPoint).WaitAsync(Patience);
        return client;
    }

    /// <summary>Runs on the loop and returns what it made there.</summary>
    public Task<T> OnLoopAsync<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            null
        );
        return done.Task.WaitAsync(Patience);
    }

    public Task OnLoopAsync(Action action) =>
        OnLoopAsync(() =>
        {
            action();
            return true;
        });

    /// <summary>Waits for something that no event announces, a turn of the loop at a time.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await OnLoopAsync(condition))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Group.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Patience);
    }
}
