namespace Longwire.Hubs.Tests;

/// <summary>The calls of an engine, for tests that let one of them fail.</summary>
public enum EngineCall
{
    Subscribe,
    Unsubscribe,
    Publish,
    ReadHistory,
    Join,
    Leave,
    ReadMembers,
    ReadBlocks,
    Command,
}
