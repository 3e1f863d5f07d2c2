namespace Longwire.Hubs.Engines;

/// <summary>What a publication's content is.</summary>
public enum ContentKind : byte
{
    /// <summary>One JSON value in UTF-8.</summary>
    Json,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Any bytes.</summary>
    Binary,
}
