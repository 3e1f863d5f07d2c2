namespace Longwire.Client;

/// <summary>A client's reaction to an ending.</summary>
public enum ReconnectAdvice : byte
{
    /// <summary>It comes back, by its back-off.</summary>
    BackOff,

    /// <summary>It comes back after 5 to 30 seconds, or by its back-off where that is longer: the server is full, or busy.</summary>
    Later,

    /// <summary>It comes back with what its providers then give; without a provider, or with the same again, it is closed.</summary>
    NewToken,

    /// <summary>It is closed: the same would happen again, or nobody wants it back.</summary>
    Stop,
}
