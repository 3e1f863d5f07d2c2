namespace Longwire.Hubs;

/// <summary>The behaviour of publishing while the engine is away.</summary>
public enum WhenAway
{
    /// <summary>It fails with <see cref="HubUnavailableException"/>.</summary>
    Throw,

    /// <summary>It tries again every second until the engine is back or the call is cancelled.</summary>
    Wait,

    /// <summary>It does nothing.</summary>
    Drop,
}
