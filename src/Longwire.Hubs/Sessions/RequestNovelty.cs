namespace Longwire.Hubs;

/// <summary>Whether a request with an id was seen before.</summary>
internal enum RequestNovelty
{
    /// <summary>Its id was not used, or is forgotten.</summary>
    New,

    /// <summary>It was carried out already.</summary>
    Repeated,

    /// <summary>Another request was carried out under its id.</summary>
    IdReused,
}
