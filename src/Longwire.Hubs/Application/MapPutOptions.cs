namespace Longwire.Hubs;

/// <summary>How a key of a room's map is put.</summary>
public sealed record MapPutOptions
{
    /// <summary>Only when the key is not there. Default: false.</summary>
    public bool IfNew { get; init; }

    /// <summary>Only while the key has this version; 0 means that it is not there. Default: null, whatever it has.</summary>
    public long? IfVersion { get; init; }

    /// <summary>After which time the key is removed, unless it is put again before. Default: null, never.</summary>
    public TimeSpan? Age { get; init; }
}
