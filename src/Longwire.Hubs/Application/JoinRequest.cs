using System.Security.Claims;

namespace Longwire.Hubs;

/// <summary>A session wants to join a room: for the first time, again, or after it came back.</summary>
public sealed class JoinRequest
{
    private readonly HubCall _call;

    internal JoinRequest(HubCall call, IHubRoom room)
    {
        _call = call;
        Room = room;
    }

    /// <summary>The session, which has signed in or is a guest.</summary>
    public IHubSession Session => _call.Session;

    /// <summary>The user, with the claims of the request or of the token; not authenticated for a guest.</summary>
    public ClaimsPrincipal User => _call.User;

    /// <summary>The user's id.</summary>
    public string UserId => _call.Identity.UserId;

    /// <summary>The name shown to others.</summary>
    public string Username => _call.Identity.Username;

    /// <summary>The room.</summary>
    public IHubRoom Room { get; }

    /// <summary>Services in a scope of this call.</summary>
    public IServiceProvider Services => _call.Services;

    /// <summary>Lets the session in.</summary>
    public HubDecision Accept() => HubDecision.Accepted;

    /// <summary>Keeps the session out: the client gets the error <c>forbidden</c> with this text. A member leaves the room.</summary>
    /// <param name="reason">The text for the client.</param>
    public HubDecision Refuse(string reason) => HubDecision.Refused(reason);
}
