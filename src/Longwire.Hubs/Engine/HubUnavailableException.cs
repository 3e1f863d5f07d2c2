namespace Longwire.Hubs;

/// <summary>The engine can't do it now. The client is told <c>unavailable</c>; what the exception says goes to the log only.</summary>
public sealed class HubUnavailableException : LongwireException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The service that is away, for the log.</param>
    /// <param name="innerException">Why, if known.</param>
    public HubUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
