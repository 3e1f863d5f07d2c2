namespace Longwire.Client;

/// <summary>The outbox has no room for a message, which was not taken.</summary>
public sealed class OutboxFullException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    public OutboxFullException(string message)
        : base(message) { }
}
