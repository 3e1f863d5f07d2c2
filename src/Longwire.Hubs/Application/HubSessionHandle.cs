using System.Net;

namespace Longwire.Hubs;

/// <summary>A session by its client id, for the application: on this node the session itself, else what other nodes can be asked.</summary>
internal sealed class HubSessionHandle(Hub hub, HubApplication application, string clientId) : IHubSession
{
    public string ClientId => clientId;

    public IPAddress? RemoteAddress => hub.FindSession(clientId)?.RemoteAddress;

    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => application.SendAsync(NodeCommandTarget.Session, clientId, application.Draft(message), cancellationToken);

    public ValueTask<TReply> AskAsync<TReply>(object question, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Local.AskAsync<TReply>(question, timeout, cancellationToken);

    public ValueTask<bool> JoinAsync(string room, CancellationToken cancellationToken = default) =>
        Local.JoinAsync(room, cancellationToken);

    public ValueTask<bool> LeaveAsync(string room, CancellationToken cancellationToken = default) =>
        Local.LeaveAsync(room, cancellationToken);

    public ValueTask KickAsync(CancellationToken cancellationToken = default) => hub.KickSessionAsync(clientId, cancellationToken);

    public ValueTask RevokeAsync(CancellationToken cancellationToken = default) =>
        hub.Sessions.Access.RevokeSessionAsync(clientId, cancellationToken);

    private HubSession Local =>
        hub.FindSession(clientId) ?? throw new SessionEndedException($"There is no session \"{clientId}\" on this node.");
}
