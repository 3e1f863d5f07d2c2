namespace Longwire.Hubs;

/// <summary>A room by its name, for the application; reached by a request it knows the session that asked.</summary>
internal sealed class HubRoomHandle(Hub hub, HubApplication application, string name, RoomEndpoint? endpoint, HubSession? requester)
    : IHubRoom
{
    private static readonly TimeSpan _retryWhenAway = TimeSpan.FromSeconds(1);

    public string Name => name;

    public IHubReceivers Others =>
        requester is null
            ? throw new InvalidOperationException("Others is of a request's room: request.Room.Others. Here, write Except(clientId).")
            : Except(requester.ClientId);

    public IHubReceivers Except(string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return new Remaining(this, clientId);
    }

    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => SendAsync(message, exceptClientId: null, cancellationToken);

    public async ValueTask<RoomPosition> PublishAsync<T>(
        T message,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where T : notnull
    {
        byte[] json = Write(message);
        while (true)
        {
            try
            {
                return await hub.Engine.PublishAsync(name, json, cancellationToken).ConfigureAwait(false);
            }
            catch (HubEngineUnavailableException) when (options?.WhenAway == WhenAway.Drop)
            {
                return default;
            }
            catch (HubEngineUnavailableException) when (options?.WhenAway == WhenAway.Wait)
            {
                await Task.Delay(_retryWhenAway, hub.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask CloseAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        foreach (HubSession session in hub.Sessions)
        {
            await session.LeaveAsync(name, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask SendAsync<T>(T message, string? exceptClientId, CancellationToken cancellationToken)
        where T : notnull => hub.SendToRoomAsync(name, Write(message), exceptClientId, cancellationToken);

    private byte[] Write<T>(T message)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(message);
        MessageContract contract = application.Contracts.Of(message.GetType());
        contract.ThrowIfNotSendable();
        byte[] content = contract.Write(message);
        return TypedMessages.Write(contract.Type, name, sender: null, endpoint?.Show(content) ?? content, hub.Timestamp);
    }

    private sealed class Remaining(HubRoomHandle room, string exceptClientId) : IHubReceivers
    {
        public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
            where T : notnull => room.SendAsync(message, exceptClientId, cancellationToken);
    }
}
