namespace Longwire.Fuzzing;

/// <summary>A target did what it must not do.</summary>
public sealed class IllegalOutcomeException(string message) : Exception(message);
