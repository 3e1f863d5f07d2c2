namespace Longwire.Hubs;

/// <summary>
/// Something that concerns sessions on any node and is not kept: a message outside a room's sequence, or an order to close.
/// </summary>
public sealed record HubSignal
{
    /// <summary>Whom it is for.</summary>
    public required HubSignalTarget Target { get; init; }

    /// <summary>The room's name, the user's id or the client's id; not used for <see cref="HubSignalTarget.All"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The message to send: a JSON object in UTF-8. Empty for none.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The client that is left out, if any.</summary>
    public string? ExceptClientId { get; init; }

    /// <summary>True to close the sessions with 4002 "Kicked" instead of sending.</summary>
    public bool Kick { get; init; }
}
