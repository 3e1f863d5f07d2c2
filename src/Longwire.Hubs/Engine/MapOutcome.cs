namespace Longwire.Hubs;

/// <summary>The outcome of a change of a live map.</summary>
public enum MapOutcome
{
    /// <summary>It was made.</summary>
    Changed,

    /// <summary>There was nothing to change: the key to remove is not there.</summary>
    Unchanged,

    /// <summary>It was made before, under the same idempotency key.</summary>
    Repeated,

    /// <summary>Its condition does not hold: the key has another version.</summary>
    Conflict,

    /// <summary>The map has as many keys or bytes as it may have.</summary>
    Full,

    /// <summary>Another change was made under the same idempotency key.</summary>
    IdReused,
}
