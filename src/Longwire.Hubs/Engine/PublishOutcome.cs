namespace Longwire.Hubs.Engines;

/// <summary>The outcome of publishing.</summary>
public enum PublishOutcome
{
    /// <summary>It was published.</summary>
    Published,

    /// <summary>The same was published before under the same key, and is not published again.</summary>
    Repeated,

    /// <summary>A newer version of its key was published before. It is not published.</summary>
    Stale,

    /// <summary>Something else was published under the same key. It is not published.</summary>
    IdReused,
}
