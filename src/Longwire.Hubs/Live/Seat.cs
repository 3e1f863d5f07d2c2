using System.Collections.Immutable;

namespace Longwire.Hubs;

/// <summary>
/// A user's place in a <see cref="LiveRoom{TSeat}"/>. It belongs to the user, not to a connection: it lasts while a session of the user is
/// a member, and over the grace of a lost one.
/// </summary>
/// <typeparam name="TSeat">The data that the room keeps for a user.</typeparam>
public sealed class Seat<TSeat>
{
    private readonly HubApplication _application;
    private readonly string _room;
    private readonly RoomEndpoint _endpoint;
    private ImmutableArray<HubSession> _sessions = [];
    private ImmutableArray<HubSession> _listening = [];

    internal Seat(HubApplication application, RoomEndpoint endpoint, string room, HubIdentity identity)
    {
        _application = application;
        _endpoint = endpoint;
        _room = room;
        UserId = identity.UserId;
        Username = identity.Username;
    }

    /// <summary>The user's id.</summary>
    public string UserId { get; }

    /// <summary>The name shown to others.</summary>
    public string Username { get; }

    /// <summary>The data that the room keeps for the user: the result of <c>OnSeat</c>, until the room sets something else.</summary>
    public TSeat State { get; set; } = default!;

    /// <summary>Whether a session of the user is connected.</summary>
    public bool IsConnected => !_listening.IsEmpty;

    /// <summary>How many sessions of the user are members.</summary>
    internal int SessionCount => _sessions.Length;

    /// <summary>
    /// Sends bytes to the user's sessions: a binary message that is passing, as the wire protocol has it. Never waits.
    /// </summary>
    /// <param name="payload">The bytes; they are copied.</param>
    /// <param name="options">How to send it. Default: a session that can't take it is closed with 4008.</param>
    /// <returns>Whether all connected sessions of the user could take it.</returns>
    public bool TrySend(ReadOnlySpan<byte> payload, in SendOptions options = default)
    {
        PreparedMessage message = BinaryMessages.Frame(_room, sender: null, new RoomPosition("", 0), _application.Timestamp, payload);
        return TrySend(message, options);
    }

    /// <summary>Sends a message of the application's to the user's sessions. It is passing. Never waits.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="options">How to send it. Default: a session that can't take it is closed with 4008.</param>
    /// <returns>Whether all connected sessions of the user could take it.</returns>
    public bool TrySend<T>(T message, in SendOptions options = default)
        where T : class => TrySend(RoomEventJson.Frame(new PassingEvent(_room, _application.Draft(message, _endpoint))), options);

    internal bool Contains(HubSession session) => _sessions.Contains(session);

    /// <summary>A session has joined, or joined again.</summary>
    internal void Add(HubSession session)
    {
        if (!_sessions.Contains(session))
        {
            _sessions = _sessions.Add(session);
        }

        if (!_listening.Contains(session))
        {
            _listening = _listening.Add(session);
        }
    }

    /// <summary>A session is told nothing until it joins again.</summary>
    internal void Suspend(HubSession session) => _listening = _listening.Remove(session);

    internal void Remove(HubSession session)
    {
        _sessions = _sessions.Remove(session);
        _listening = _listening.Remove(session);
    }

    private bool TrySend(PreparedMessage message, in SendOptions options)
    {
        bool sent = true;
        foreach (HubSession session in _listening)
        {
            sent &= session.Deliver(message, options);
        }

        return sent;
    }
}
