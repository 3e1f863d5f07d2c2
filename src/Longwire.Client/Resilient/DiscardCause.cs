namespace Longwire.Client;

/// <summary>Why messages that waited in an outbox were discarded.</summary>
public enum DiscardCause : byte
{
    /// <summary>They made room for newer ones (<see cref="OutboxFullMode.DropOldest"/>).</summary>
    OutboxFull,

    /// <summary>The client has come to another server, or path, than the one that they were for.</summary>
    OtherDestination,

    /// <summary>The client was disposed of.</summary>
    Disposed,
}
