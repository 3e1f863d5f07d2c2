namespace Longwire.Hubs;

/// <summary>What the memory engine knows of one room. Its lock guards all of it, and is held while the hub is told.</summary>
internal sealed class MemoryRoom
{
    public MemoryRoom(string name, string epoch, RoomOptions options)
    {
        Name = name;
        Epoch = epoch;
        if (options.HistorySize > 0)
        {
            History = new HistoryRing(options.HistorySize, options.HistoryBytes, options.HistoryAge);
        }

        HistoryAge = options.HistoryAge;
    }

    public string Name { get; }

    public string Epoch { get; }

    public HistoryRing? History { get; }

    public TimeSpan HistoryAge { get; }

    public Lock Gate { get; } = new();

    public long Offset { get; set; }

    public bool Subscribed { get; set; }

    /// <summary>Counts the times the room became idle, so that an old entry in the idle queue is recognised as stale.</summary>
    public int IdleStamp { get; set; }

    /// <summary>True once the room has been taken out of the engine: whoever still holds it must look it up again.</summary>
    public bool Removed { get; set; }

    public Dictionary<string, RoomMember> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>How many members each user has.</summary>
    public Dictionary<string, int> Users { get; } = new(StringComparer.Ordinal);

    public RoomPosition Position => new(Epoch, Offset);
}
