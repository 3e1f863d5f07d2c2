using System.Security.Claims;

namespace Longwire.Hubs;

/// <summary>A member wants to put or remove a key of a room's map.</summary>
public sealed class MapRequest
{
    private readonly HubCall _call;

    internal MapRequest(HubCall call, IHubRoom room, string key, ReadOnlyMemory<byte>? utf8Value)
    {
        _call = call;
        Room = room;
        Key = key;
        Utf8Value = utf8Value;
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The value, any JSON in UTF-8; null when the key is to be removed.</summary>
    public ReadOnlyMemory<byte>? Utf8Value { get; }

    /// <summary>Whether the key is to be removed.</summary>
    public bool IsRemoval => Utf8Value is null;

    /// <summary>The session.</summary>
    public IHubSession Session => _call.Session;

    /// <summary>The user, with the claims of the request or of the token; not authenticated for a guest.</summary>
    public ClaimsPrincipal User => _call.User;

    /// <summary>The user's id.</summary>
    public string UserId => _call.Identity.UserId;

    /// <summary>The room.</summary>
    public IHubRoom Room { get; }

    /// <summary>Services in a scope of this call.</summary>
    public IServiceProvider Services => _call.Services;

    /// <summary>Allows it.</summary>
    public HubDecision Accept() => HubDecision.Accepted;

    /// <summary>Does not: the client gets the error <c>forbidden</c> with this text, unless another rule allows it.</summary>
    /// <param name="reason">The text for the client.</param>
    public HubDecision Refuse(string reason) => HubDecision.Refused(reason);
}
