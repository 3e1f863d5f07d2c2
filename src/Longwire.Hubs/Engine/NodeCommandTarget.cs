namespace Longwire.Hubs.Engines;

/// <summary>Whom a <see cref="NodeCommand"/> is for.</summary>
public enum NodeCommandTarget
{
    /// <summary>Every authenticated session.</summary>
    All,

    /// <summary>The members of the room named.</summary>
    Room,

    /// <summary>Every session of the user named.</summary>
    User,

    /// <summary>The session with the client id named.</summary>
    Session,
}
