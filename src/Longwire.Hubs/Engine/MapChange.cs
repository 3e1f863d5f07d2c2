namespace Longwire.Hubs.Engines;

/// <summary>A change of a room's map: a key is put or removed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, JSON in UTF-8, which must not change any more; null removes the key.</param>
/// <param name="Time">When it was changed.</param>
public sealed record MapChange(string Key, ReadOnlyMemory<byte>? Value, DateTimeOffset Time)
{
    /// <summary>The value, JSON in UTF-8, which must not change any more; null removes the key. An empty one is none.</summary>
    public ReadOnlyMemory<byte>? Value { get; init; } = Value is { Length: > 0 } ? Value : null;

    /// <summary>The version that the key must have, 0 for none; null for any.</summary>
    public long? IfVersion { get; init; }

    /// <summary>The <see cref="PublicationDraft.TraceParent"/> of the publication that it becomes.</summary>
    public string? TraceParent { get; init; }

    /// <summary>After which time the engine removes the key by itself, unless it is put again; null for never.</summary>
    public TimeSpan? Age { get; init; }
}
