using System.Collections.ObjectModel;

namespace Longwire.Hubs;

/// <summary>
/// A room with a state that lives as long as it has members. It is made, with its constructor's services, when the first one joins, and
/// disposed of when the last one has left. Calls of one room never overlap, so that its state needs no lock; a call must not block, since
/// all of the room waits for it. A call that fails is logged, and the client is told <c>internal</c>.
/// </summary>
/// <typeparam name="TSeat">The data that the room keeps for each user.</typeparam>
public abstract class LiveRoom<TSeat> : LiveRoom
{
    private readonly Dictionary<string, Seat<TSeat>> _byUser = new(StringComparer.Ordinal);
    private readonly List<Seat<TSeat>> _seats = [];
    private readonly ReadOnlyCollection<Seat<TSeat>> _readOnlySeats;
    private HubApplication? _application;
    private RoomEndpoint? _endpoint;

    /// <summary>Creates the room.</summary>
    protected LiveRoom() => _readOnlySeats = _seats.AsReadOnly();

    /// <summary>The users' places, in the order in which they came. To be read in the room's calls.</summary>
    public ReadOnlyCollection<Seat<TSeat>> Seats => _readOnlySeats;

    /// <summary>The room as the application reaches it. In the constructor it is not there yet.</summary>
    public IHubRoom Room
    {
        get => field ?? throw new InvalidOperationException("The room is not there before its constructor has returned.");
        private set;
    }

    internal override bool IsEmpty => _seats.Count == 0;

    /// <summary>The place of the user that a request came from.</summary>
    /// <param name="request">The request, of a member of this room.</param>
    public Seat<TSeat> SeatOf(HubRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _byUser[request.Session.Identity!.UserId];
    }

    /// <summary>Decides whether a session may join: at every join, one that recovers too. Accepts unless it is overridden.</summary>
    /// <param name="join">The session that wants to join.</param>
    protected virtual HubDecision OnJoin(JoinRequest join)
    {
        ArgumentNullException.ThrowIfNull(join);
        return join.Accept();
    }

    /// <summary>Makes what the room keeps of a user, when the user's first session joins.</summary>
    /// <param name="seat">The user's place.</param>
    protected abstract TSeat OnSeat(Seat<TSeat> seat);

    /// <summary>Takes bytes that a member sent. They are not published.</summary>
    /// <param name="seat">The user's place.</param>
    /// <param name="payload">The bytes, which are gone when this returns.</param>
    protected virtual void OnBinary(Seat<TSeat> seat, ReadOnlySpan<byte> payload) { }

    /// <summary>Is called as often as <c>WithTick</c> says. A turn that comes while one is still worked on is left out.</summary>
    /// <param name="tick">The turn.</param>
    protected virtual void OnTick(in RoomTick tick) { }

    /// <summary>A user's last connection was lost, without a goodbye. The place stays for the grace.</summary>
    /// <param name="seat">The user's place.</param>
    protected virtual void OnLost(Seat<TSeat> seat) { }

    /// <summary>A user whose connections were all lost has joined again.</summary>
    /// <param name="seat">The user's place.</param>
    protected virtual void OnReturn(Seat<TSeat> seat) { }

    /// <summary>A user's last session has left; its place is gone.</summary>
    /// <param name="seat">The user's place.</param>
    /// <param name="cause">Why.</param>
    protected virtual void OnLeave(Seat<TSeat> seat, LeaveCause cause) { }

    internal override void Open(HubApplication application, RoomEndpoint endpoint, IHubRoom room)
    {
        _application = application;
        _endpoint = endpoint;
        Room = room;
    }

    internal override HubDecision Join(JoinRequest join, HubSession session)
    {
        HubDecision decision =
            OnJoin(join) ?? throw new InvalidOperationException($"{GetType().Name}.OnJoin has to return a decision, and returned null.");
        if (!decision.IsAccepted)
        {
            return decision;
        }

        HubIdentity identity = session.Identity!;
        if (!_byUser.TryGetValue(identity.UserId, out Seat<TSeat>? seat))
        {
            seat = new Seat<TSeat>(_application!, _endpoint!, Room.Name, _endpoint!.Show(identity));
            seat.State = OnSeat(seat);
            _byUser.Add(identity.UserId, seat);
            _seats.Add(seat);
        }

        bool returns = seat.SessionCount > 0 && !seat.IsConnected;
        seat.Add(session);
        if (returns)
        {
            OnReturn(seat);
        }

        return decision;
    }

    internal override void Lose(HubSession session)
    {
        if (Find(session) is not { IsConnected: true } seat)
        {
            return;
        }

        seat.Suspend(session);
        if (!seat.IsConnected)
        {
            OnLost(seat);
        }
    }

    internal override void Leave(HubSession session, LeaveCause cause)
    {
        if (Find(session) is not { } seat)
        {
            return;
        }

        seat.Remove(session);
        if (seat.SessionCount == 0)
        {
            _byUser.Remove(seat.UserId);
            _seats.Remove(seat);
            OnLeave(seat, cause);
        }
    }

    internal override void Receive(HubSession session, ReadOnlySpan<byte> payload)
    {
        if (Find(session) is { } seat)
        {
            OnBinary(seat, payload);
        }
    }

    internal override void Tick(in RoomTick tick) => OnTick(tick);

    // By the session, not by its user: a session may have become another user's by the time it leaves.
    private Seat<TSeat>? Find(HubSession session) =>
        session.Identity is { } identity && _byUser.TryGetValue(identity.UserId, out Seat<TSeat>? seat) && seat.Contains(session)
            ? seat
            : _seats.Find(other => other.Contains(session));
}
