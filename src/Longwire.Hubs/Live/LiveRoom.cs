namespace Longwire.Hubs;

/// <summary>The base of <see cref="LiveRoom{TSeat}"/>, which rooms derive from.</summary>
public abstract class LiveRoom
{
    private protected LiveRoom() { }

    internal abstract bool IsEmpty { get; }

    internal abstract void Open(HubApplication application, RoomEndpoint endpoint, IHubRoom room);

    internal abstract HubDecision Join(JoinRequest join, HubSession session);

    internal abstract void Lose(HubSession session);

    internal abstract void Leave(HubSession session, LeaveCause cause);

    internal abstract void Receive(HubSession session, ReadOnlySpan<byte> payload);

    internal abstract void Tick(in RoomTick tick);
}
