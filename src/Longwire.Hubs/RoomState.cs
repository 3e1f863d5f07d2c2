namespace Longwire.Hubs;

/// <summary>The state of a room that a joiner is shown.</summary>
/// <param name="Json">The state: any JSON, in UTF-8. It must not change any more.</param>
public sealed record RoomState(ReadOnlyMemory<byte> Json)
{
    /// <summary>
    /// The position that the state contains everything up to; null when the loader does not know, and the state counts as that of the
    /// moment before it was loaded.
    /// </summary>
    public RoomPosition? Position { get; init; }

    /// <summary>The version of the state. Publications of its key up to this version are not delivered to the joiner.</summary>
    public long? Version { get; init; }

    /// <summary>Writes the state, where it is a value.</summary>
    internal Func<MessageContracts, byte[]>? Write { get; private init; }

    /// <summary>The key that the version belongs to; null for the room as a whole.</summary>
    public string? Key { get; init; }

    /// <summary>Whether the state is as new as what is published.</summary>
    internal bool Covers(PublicationDraft draft) => Version is { } version && draft.Version <= version && draft.Key == Key;

    /// <summary>A state that is a value, written as messages are.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="version">Its version: publications of its key up to this one are not delivered to the joiner.</param>
    /// <param name="key">The key that the version belongs to; null for the room as a whole.</param>
    public static RoomState From<T>(T value, long? version = null, string? key = null) =>
        new(ReadOnlyMemory<byte>.Empty)
        {
            Version = version,
            Key = key,
            Write = contracts => contracts.WriteReply(value),
        };
}
