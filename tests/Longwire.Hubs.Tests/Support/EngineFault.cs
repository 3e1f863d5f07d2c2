namespace Longwire.Hubs.Tests;

/// <summary>The ways in which an engine's call fails.</summary>
public enum EngineFault
{
    /// <summary>It throws before it returns.</summary>
    Throws,

    /// <summary>What it returned fails later.</summary>
    FailsLater,

    /// <summary>What it returned is cancelled.</summary>
    IsCancelled,

    /// <summary>It does its work, and fails all the same: its answer got lost.</summary>
    FailsAfterwards,
}
