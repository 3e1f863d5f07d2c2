namespace Longwire.Hubs.Tests;

/// <summary>The ways in which an engine's call fails.</summary>
public enum EngineFault
{
    /// <summary>It throws before it returns.</summary>
    Throws,

    /// <summary>The returned task fails later.</summary>
    FailsLater,

    /// <summary>The returned task is cancelled.</summary>
    IsCancelled,

    /// <summary>It does its work, and fails all the same: its answer got lost.</summary>
    FailsAfterwards,
}
