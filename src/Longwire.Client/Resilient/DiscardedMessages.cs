namespace Longwire.Client;

/// <summary>Messages that waited in an outbox and will not be sent. Immutable.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Messages">The payloads, the oldest first.</param>
public sealed record DiscardedMessages(DiscardCause Cause, IReadOnlyList<ReadOnlyMemory<byte>> Messages);
