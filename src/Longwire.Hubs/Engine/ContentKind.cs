namespace Longwire.Hubs.Engines;

/// <summary>The kind of a publication's content.</summary>
public enum ContentKind : byte
{
    /// <summary>One JSON value in UTF-8.</summary>
    Json,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Any bytes.</summary>
    Binary,
}
