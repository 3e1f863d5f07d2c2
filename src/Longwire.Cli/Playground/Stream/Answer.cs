namespace Longwire.Cli.Playground.Streaming;

/// <summary>The state of a stream, as somebody who comes late gets it.</summary>
internal sealed record Answer(string Question, string Text, bool IsComplete);
