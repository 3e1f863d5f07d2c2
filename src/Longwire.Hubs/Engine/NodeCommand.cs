namespace Longwire.Hubs.Engines;

/// <summary>Something for sessions on any node that is not kept: a passing message, or an order to close.</summary>
/// <param name="Target">Whom it is for.</param>
/// <param name="Name">The room's name, the user's id or the client's id; not used for <see cref="NodeCommandTarget.All"/>.</param>
public sealed record NodeCommand(NodeCommandTarget Target, string Name)
{
    /// <summary>The message to send; null to close the sessions instead, with 4002 "Kicked".</summary>
    public PublicationDraft? Message { get; init; }

    /// <summary>The client that is left out, if any.</summary>
    public string? ExceptClientId { get; init; }

    /// <summary>
    /// The generation of the session named that a node has taken. One of an older generation is over where it is: its connection is closed
    /// with 4001 "Session replaced", and nobody is told that it has left. Null for any other command.
    /// </summary>
    public long? TakenGeneration { get; init; }
}
