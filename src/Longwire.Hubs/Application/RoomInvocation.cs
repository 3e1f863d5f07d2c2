using System.Security.Claims;

namespace Longwire.Hubs;

/// <summary>The call that a filter sees: a session wants to join a room, or sends it a message.</summary>
public sealed class RoomInvocation
{
    private readonly HubCall _call;

    internal RoomInvocation(HubCall call, IHubRoom room, string? messageType)
    {
        _call = call;
        Room = room;
        MessageType = messageType;
    }

    /// <summary>The room.</summary>
    public IHubRoom Room { get; }

    /// <summary>The message's type; null for a join.</summary>
    public string? MessageType { get; }

    /// <summary>The session.</summary>
    public IHubSession Session => _call.Session;

    /// <summary>The user.</summary>
    public ClaimsPrincipal User => _call.User;

    /// <summary>The user's id.</summary>
    public string UserId => _call.Identity.UserId;

    /// <summary>Services in the scope of the call that is filtered.</summary>
    public IServiceProvider Services => _call.Services;

    /// <summary>Refuses: the client gets the error <c>forbidden</c> with this text.</summary>
    /// <param name="reason">The text for the client.</param>
    public HubDecision Refuse(string reason) => HubDecision.Refused(reason);
}
