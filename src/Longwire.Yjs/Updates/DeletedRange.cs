namespace Longwire.Yjs;

/// <summary>Clocks of one client whose items are deleted.</summary>
/// <param name="Clock">The first.</param>
/// <param name="End">The one behind the last.</param>
internal readonly record struct DeletedRange(long Clock, long End)
{
    /// <summary>The memory of a range, in bytes.</summary>
    public const int Cost = 16;
}
