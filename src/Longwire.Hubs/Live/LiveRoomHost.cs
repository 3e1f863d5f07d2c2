using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>One instance of a room's class: its services, its clock, and its turns, which never overlap.</summary>
internal sealed class LiveRoomHost : IAsyncDisposable
{
    private readonly HubApplication _application;
    private readonly AsyncServiceScope _scope;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ITimer? _timer;
    private long _tickedAt;
    private long _ticks;
    private int _isTicking;

    public LiveRoomHost(HubApplication application, string name, RoomEndpoint endpoint, LiveRoomType type)
    {
        _application = application;
        _scope = application.Services.CreateAsyncScope();
        Room = type.Create(_scope.ServiceProvider);
        Room.Open(application, endpoint, application.RoomOf(name, endpoint));
        TimeProvider time = application.TimeProvider;
        _tickedAt = time.GetTimestamp();
        if (endpoint.TicksPerSecond > 0)
        {
            var period = TimeSpan.FromSeconds(1.0 / endpoint.TicksPerSecond);
            _timer = time.CreateTimer(static host => _ = ((LiveRoomHost)host!).TickAsync(), this, period, period);
        }
    }

    /// <summary>The room; to be used in turns.</summary>
    public LiveRoom Room { get; }

    /// <summary>Whether it is disposed of, and another one takes its place. Read and set in turns.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Runs a call of the room when those before it have ended; at once, when it comes from within one.</summary>
    public async ValueTask<T> RunAsync<T>(Func<LiveRoomHost, ValueTask<T>> call)
    {
        if (Turn.IsIn(this))
        {
            return await call(this).ConfigureAwait(false);
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            using var turn = Turn.Enter(this);
            return await call(this).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        try
        {
            if (Room is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else if (Room is IDisposable disposable)
            {
                disposable.Dispose();
            }

            await _scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _application.LogFailure(exception);
        }
    }

    private async Task TickAsync()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) != 0)
        {
            return;
        }

        try
        {
            await RunAsync(static host =>
                {
                    host.Tick();
                    return new ValueTask<bool>(true);
                })
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _application.LogFailure(exception);
        }
        finally
        {
            Volatile.Write(ref _isTicking, 0);
        }
    }

    private void Tick()
    {
        if (IsClosed)
        {
            return;
        }

        TimeProvider time = _application.TimeProvider;
        long now = time.GetTimestamp();
        var tick = new RoomTick(++_ticks, time.GetElapsedTime(_tickedAt, now));
        _tickedAt = now;
        Room.Tick(tick);
    }
}
