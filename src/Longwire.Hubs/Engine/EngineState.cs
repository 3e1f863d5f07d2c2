namespace Longwire.Hubs.Engines;

/// <summary>Whether a node can reach its engine.</summary>
public enum EngineState
{
    /// <summary>It can. Publications missed meanwhile have to be read.</summary>
    Online,

    /// <summary>It can't: calls fail, and nothing is told.</summary>
    Away,
}
