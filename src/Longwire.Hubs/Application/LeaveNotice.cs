using System.Security.Claims;

namespace Longwire.Hubs;

/// <summary>A session has left a room.</summary>
public sealed class LeaveNotice
{
    private readonly HubCall _call;

    internal LeaveNotice(HubCall call, IHubRoom room, LeaveCause cause)
    {
        _call = call;
        Room = room;
        Cause = cause;
    }

    /// <summary>The session; it may be over.</summary>
    public IHubSession Session => _call.Session;

    /// <summary>The user.</summary>
    public ClaimsPrincipal User => _call.User;

    /// <summary>The user's id.</summary>
    public string UserId => _call.Identity.UserId;

    /// <summary>The room.</summary>
    public IHubRoom Room { get; }

    /// <summary>Why it left.</summary>
    public LeaveCause Cause { get; }

    /// <summary>Services in a scope of this call.</summary>
    public IServiceProvider Services => _call.Services;
}
