namespace Longwire.Soak;

/// <summary>A client's one publication in each time without a server.</summary>
internal sealed record StormWord(int Client);
