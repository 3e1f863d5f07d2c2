namespace Longwire.Hubs;

/// <summary>An error told to a client: a code for programs and a text for people. It never closes the connection by itself.</summary>
/// <param name="Code">The code, in lower case with hyphens.</param>
/// <param name="Message">The text; never an exception's.</param>
public sealed record HubError(string Code, string Message)
{
    /// <summary>The message is not JSON, or lies too deep.</summary>
    public static HubError InvalidJson { get; } = new("invalid-json", "Invalid JSON");

    /// <summary>The message is JSON, but not what its type asks for.</summary>
    public static HubError InvalidFormat { get; } = new("invalid-format", "Invalid message format");

    /// <summary>The message or its content is larger than the hub takes.</summary>
    public static HubError TooLarge { get; } = new("too-large", "Message too large");

    /// <summary>The session sends too fast; the error says after how many milliseconds to try again.</summary>
    public static HubError RateLimited { get; } = new("rate-limited", "Rate limit exceeded");

    /// <summary>The request has the id of an earlier one and other content.</summary>
    public static HubError IdReused { get; } = new("id-reused", "This id was used for another message");

    /// <summary>A newer version of what the publication is about was published before.</summary>
    public static HubError Stale { get; } = new("stale", "A newer version was published before");

    /// <summary>A change of a map had a condition that does not hold; the error says which version the key has.</summary>
    public static HubError Conflict { get; } = new("conflict", "The key has another version");

    /// <summary>The session has to authenticate first.</summary>
    public static HubError Unauthenticated { get; } = new("unauthenticated", "Not authenticated");

    /// <summary>The session may not do that, or a limit is reached.</summary>
    public static HubError Forbidden { get; } = new("forbidden", "Forbidden");

    /// <summary>Nobody handles messages of that type.</summary>
    public static HubError UnknownType { get; } = new("unknown-type", "Unknown message type");

    /// <summary>There is no such room.</summary>
    public static HubError UnknownRoom { get; } = new("unknown-room", "Unknown room");

    /// <summary>The session is not in that room.</summary>
    public static HubError NotInRoom { get; } = new("not-in-room", "Not in room");

    /// <summary>Only the application writes in that room.</summary>
    public static HubError ReadOnly { get; } = new("read-only", "Room is read-only");

    /// <summary>The user or the address is banned; the error says for how many milliseconds still.</summary>
    public static HubError Banned { get; } = new("banned", "Banned");

    /// <summary>The reply is to no open question.</summary>
    public static HubError UnknownAsk { get; } = new("unknown-ask", "Unknown question");

    /// <summary>The engine is away; try again later.</summary>
    public static HubError Unavailable { get; } = new("unavailable", "Temporarily unavailable");

    /// <summary>Something went wrong on the server; its log says what.</summary>
    public static HubError Internal { get; } = new("internal", "Internal error");
}
