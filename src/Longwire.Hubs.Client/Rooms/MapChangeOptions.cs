namespace Longwire.Hubs.Client;

/// <summary>How a key of a room's map is put.</summary>
public sealed record MapChangeOptions
{
    /// <summary>Only when the key is not there. Default: false.</summary>
    public bool IfNew { get; init; }

    /// <summary>Only while the key has this version; 0 means that it is not there. Default: null, whatever it has.</summary>
    public long? IfVersion { get; init; }

    /// <summary>After which time the hub removes the key, unless it is put again before; at least 1 ms. Default: null, never.</summary>
    public TimeSpan? Age { get; init; }
}
