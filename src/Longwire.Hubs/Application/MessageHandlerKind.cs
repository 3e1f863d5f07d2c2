namespace Longwire.Hubs;

/// <summary>The way in which messages of a type are handled.</summary>
internal enum MessageHandlerKind
{
    /// <summary>The application handles them, and may answer.</summary>
    Handle,

    /// <summary>They are published in the room when the application accepts them.</summary>
    Publish,

    /// <summary>They are sent to the other members.</summary>
    Relay,
}
