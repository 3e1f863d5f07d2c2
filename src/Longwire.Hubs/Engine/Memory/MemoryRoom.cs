namespace Longwire.Hubs.Engines;

/// <summary>
/// The memory engine's data about one room. It is its own lock, which guards all of it and is held while nodes are told.
/// </summary>
internal sealed class MemoryRoom(string name, string epoch)
{
    private KeyVersions? _versions;

    public string Name { get; } = name;

    public RoomPosition Position { get; set; } = new(epoch, 0);

    public HistoryRing? History { get; set; }

    /// <summary>How many messages there were.</summary>
    public long Messages { get; set; }

    /// <summary>The newest message that was not kept.</summary>
    public long NotKept { get; set; }

    public MemoryMap? Map { get; set; }

    /// <summary>Up to where users have read.</summary>
    public KeyVersions? Markers { get; set; }

    public MemoryPresence? Presence { get; set; }

    /// <summary>The nodes that are told. The array is never changed, only replaced.</summary>
    public MemoryLink[] Subscribers { get; set; } = [];

    /// <summary>Counts the times the room became idle, so that an old entry in the idle queue is recognised as such.</summary>
    public int IdleStamp { get; set; }

    /// <summary>True once the room has been taken out of the store: whoever still holds it must look it up again.</summary>
    public bool Removed { get; set; }

    /// <summary>How many messages there were up to an offset; where that is not known any more, no fewer.</summary>
    public long MessagesUpTo(long offset) =>
        offset >= Position.Offset ? Messages
        : History is { Count: > 0 } history ? history.MessagesUpTo(offset)
        : Math.Min(offset, Messages);

    /// <summary>Whether a newer version of a draft's key is known. Else the draft's is from here on.</summary>
    public bool IsStale(PublicationDraft draft) =>
        draft.Version is { } version && !(_versions ??= new KeyVersions()).TryAdvance(draft.Key ?? "", version);

    /// <summary>Forgets the presence, but not how far its versions went: the room's next one must not give them again.</summary>
    public void ForgetPresence(MemoryVersions versions)
    {
        versions.Forget(Presence?.Version ?? 0);
        Presence = null;
    }
}
