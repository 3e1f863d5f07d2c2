namespace Longwire.Hubs;

/// <summary>One thing that was said, in a live trace.</summary>
/// <param name="Time">When.</param>
/// <param name="Direction"><c>received</c> of a client, <c>sent</c> to a client, <c>told</c> to a room's members.</param>
/// <param name="ClientId">The client; null where it is about a room.</param>
/// <param name="Type">The message's type.</param>
/// <param name="Bytes">The message's length; of what a room is told, the content's.</param>
internal sealed record LiveTraceEntry(DateTimeOffset Time, string Direction, string? ClientId, string Type, int Bytes)
{
    /// <summary>In whose name it was said; null for nobody, or where it is not about a room.</summary>
    public string? UserId { get; init; }

    /// <summary>Where it is in the room's sequence, if it is.</summary>
    public long? Offset { get; init; }

    /// <summary>The beginning of the content; null where that is not shown.</summary>
    public string? Content { get; init; }
}
