namespace Longwire.Hubs;

/// <summary>What happens to messages of a type.</summary>
internal enum MessageHandlerKind
{
    /// <summary>The application handles them, and may answer.</summary>
    Handle,

    /// <summary>They are published in the room when the application accepts them.</summary>
    Publish,

    /// <summary>They are sent to the other members.</summary>
    Relay,
}
