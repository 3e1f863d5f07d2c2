namespace Longwire.Cli.Playground;

/// <summary>Somebody types, or does no longer: passing, to the others in the room.</summary>
internal sealed record Typing(bool On);
