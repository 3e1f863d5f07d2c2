namespace Longwire.Hubs;

/// <summary>The answer to a change of a live map.</summary>
/// <param name="Outcome">Whether it was made, and why not.</param>
/// <param name="Version">
/// The key's version: the offset of its last change, 0 when it is not there. For a <see cref="MapOutcome.Conflict"/>, the one in the way.
/// </param>
public readonly record struct MapResult(MapOutcome Outcome, long Version)
{
    /// <summary>Whether the map is as the change would have it.</summary>
    public bool Succeeded => Outcome is MapOutcome.Changed or MapOutcome.Unchanged or MapOutcome.Repeated;
}
