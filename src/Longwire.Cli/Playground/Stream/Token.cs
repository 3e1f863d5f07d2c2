namespace Longwire.Cli.Playground.Streaming;

/// <summary>A piece of an answer.</summary>
/// <param name="From">Where it begins, in characters of the answer.</param>
/// <param name="Text">The piece.</param>
/// <param name="IsLast">Whether the answer is complete with it.</param>
internal sealed record Token(int From, string Text, bool IsLast);
