namespace Longwire.LoadGenerator;

/// <summary>The server did what an echo must not do; the measurement is worth nothing.</summary>
internal sealed class LoadException(string message) : Exception(message);
