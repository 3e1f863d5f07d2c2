namespace Longwire.Hubs.Engines;

/// <summary>Something with a key that changes, in a <see cref="VersionOrder{T}"/>, which alone sets what is here.</summary>
internal abstract class Versioned
{
    /// <summary>The key, which does not change.</summary>
    public abstract string Key { get; }

    /// <summary>The number of its last change.</summary>
    public long Version { get; set; }

    /// <summary>Where it is in the order.</summary>
    public int Slot { get; set; }

    /// <summary>Whether it was removed, and is only remembered.</summary>
    public bool IsGone { get; set; }
}
