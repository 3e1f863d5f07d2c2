namespace Longwire;

/// <summary>The base of every exception that Longwire throws of its own.</summary>
public abstract class LongwireException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    /// <param name="innerException">The exception that caused this one.</param>
    protected LongwireException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
