namespace Longwire.Cli.Listen;

/// <summary>The server's treatment of a message.</summary>
internal enum ListenMode
{
    /// <summary>It is shown; lines of the input go to all clients.</summary>
    Show,

    /// <summary>It goes back to its sender.</summary>
    Echo,

    /// <summary>It goes to all clients, its sender included.</summary>
    Broadcast,

    /// <summary>It goes to all other clients, with the sender's number before it.</summary>
    Chat,

    /// <summary>It goes to the client's own process, as a line.</summary>
    Exec,
}
