namespace Longwire.Cli.Playground.Streaming;

/// <summary>A visitor asks; the answer is the id of the stream that tells it.</summary>
[HubMessage("question")]
internal sealed record Question(string Text);
