namespace Longwire;

/// <summary>The base of every exception that Longwire throws of its own.</summary>
public abstract class LongwireException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">What happened, and what to do about it.</param>
    /// <param name="innerException">What caused it.</param>
    protected LongwireException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
