using System.Net;

namespace Longwire.Hubs;

/// <summary>One client's session. Thread safe.</summary>
public interface IHubSession : IHubReceivers
{
    /// <summary>The session's public id.</summary>
    string ClientId { get; }

    /// <summary>Where the client connects from, if known.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>
    /// Asks the client, and waits for its answer. The question comes again when the client resumes meanwhile. A session has at most 16 open
    /// questions.
    /// </summary>
    /// <typeparam name="TReply">The answer's type.</typeparam>
    /// <param name="question">The question; its type's name is the method's on the wire.</param>
    /// <param name="timeout">How long to wait. Default: 30 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="SessionEndedException">The session ended before, or there is none on this node.</exception>
    /// <exception cref="AskRefusedException">The client refused, or its answer is not of the type.</exception>
    /// <exception cref="InvalidOperationException">16 questions are open.</exception>
    ValueTask<TReply> AskAsync<TReply>(object question, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts the session into a room, as if it had asked: policies and <c>OnJoin</c> decide, and the client gets <c>joined-room</c>.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">Ends the wait; the session may join all the same.</param>
    /// <returns>False when the session was refused, has not signed in, or is not connected.</returns>
    /// <exception cref="SessionEndedException">There is no such session on this node.</exception>
    ValueTask<bool> JoinAsync(string room, CancellationToken cancellationToken = default);

    /// <summary>Takes the session out of a room, and tells the client by <c>left-room</c>.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">Ends the wait; the session may leave all the same.</param>
    /// <returns>False when it was not in the room.</returns>
    /// <exception cref="SessionEndedException">There is no such session on this node.</exception>
    ValueTask<bool> LeaveAsync(string room, CancellationToken cancellationToken = default);

    /// <summary>Closes the session with 4002 "Kicked", on whichever node it is. It can't be resumed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask KickAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Revokes the session, on whichever node it is: it ends with 4003 "Session revoked", can't be resumed, and the token that it has
    /// signed in with, if that has an id, is revoked, too.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask RevokeAsync(CancellationToken cancellationToken = default);
}
