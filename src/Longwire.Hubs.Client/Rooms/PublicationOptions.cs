namespace Longwire.Hubs.Client;

/// <summary>The key and version of a message of the type <c>message</c>.</summary>
public sealed record PublicationOptions
{
    /// <summary>By what it is known, at most 128 characters: see the hub's <c>PublishOptions</c>. Default null, nothing.</summary>
    public string? Key { get; set; }

    /// <summary>Which version of that it shows; an older one than the newest is refused as <c>stale</c>. Default null.</summary>
    public long? Version { get; set; }
}
