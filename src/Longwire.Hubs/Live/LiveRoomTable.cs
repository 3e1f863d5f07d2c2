using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>The rooms of a template that has a class: an instance comes with the first member and goes with the last.</summary>
internal sealed class LiveRoomTable(HubApplication application, RoomEndpoint endpoint, LiveRoomType type) : ILiveRooms
{
    private readonly ConcurrentDictionary<string, Lazy<LiveRoomHost>> _rooms = new(StringComparer.Ordinal);

    /// <summary>Asks the room whether a session may join, and gives it its place.</summary>
    public async ValueTask<HubDecision> JoinAsync(string name, JoinRequest join, HubSession session)
    {
        while (true)
        {
            Lazy<LiveRoomHost> room = _rooms.GetOrAdd(name, CreateLater);
            HubDecision? decision;
            try
            {
                decision = await room
                    .Value.RunAsync(host => new ValueTask<HubDecision?>(host.IsClosed ? null : host.Room.Join(join, session)))
                    .ConfigureAwait(false);
            }
            catch
            {
                // Its constructor or its hook failed.
                await CloseIfEmptyAsync(name, room).ConfigureAwait(false);
                throw;
            }

            if (decision is null)
            {
                // Closed by the last to leave, who is taking it out.
                await Task.Yield();
                continue;
            }

            if (!decision.IsAccepted)
            {
                await CloseIfEmptyAsync(name, room).ConfigureAwait(false);
            }

            return decision;
        }
    }

    public ValueTask LeaveAsync(string name, HubSession session, LeaveCause cause) =>
        CallAsync(name, room => room.Leave(session, cause), mayEmpty: true);

    public ValueTask LoseAsync(string name, HubSession session) => CallAsync(name, room => room.Lose(session), mayEmpty: false);

    public async ValueTask ReceiveAsync(string name, HubSession session, byte[] payload) =>
        await RunAsync(
                name,
                room =>
                {
                    room.Receive(session, payload);
                    return default;
                }
            )
            .ConfigureAwait(false);

    /// <summary>Runs a call of a room that has members.</summary>
    public ValueTask<object?> RunAsync(string name, Func<LiveRoom, ValueTask<object?>> call) =>
        _rooms.TryGetValue(name, out Lazy<LiveRoomHost>? room)
            ? room.Value.RunAsync(host => call(host.Room))
            : throw new UnknownRoomException($"The room \"{name}\" has no members.");

    private Lazy<LiveRoomHost> CreateLater(string name) => new(() => new LiveRoomHost(application, name, endpoint, type));

    private async ValueTask CallAsync(string name, Action<LiveRoom> call, bool mayEmpty)
    {
        if (!_rooms.TryGetValue(name, out Lazy<LiveRoomHost>? room))
        {
            return;
        }

        try
        {
            await room
                .Value.RunAsync(host =>
                {
                    call(host.Room);
                    return new ValueTask<bool>(true);
                })
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            application.LogFailure(exception);
        }

        if (mayEmpty)
        {
            await CloseIfEmptyAsync(name, room).ConfigureAwait(false);
        }
    }

    private async ValueTask CloseIfEmptyAsync(string name, Lazy<LiveRoomHost> room)
    {
        if (!room.IsValueCreated)
        {
            _rooms.TryRemove(KeyValuePair.Create(name, room));
            return;
        }

        bool closes = await room
            .Value.RunAsync(host =>
            {
                bool closes = !host.IsClosed && host.Room.IsEmpty;
                host.IsClosed |= closes;
                return new ValueTask<bool>(closes);
            })
            .ConfigureAwait(false);
        if (closes)
        {
            _rooms.TryRemove(KeyValuePair.Create(name, room));
            await room.Value.DisposeAsync().ConfigureAwait(false);
        }
    }
}
