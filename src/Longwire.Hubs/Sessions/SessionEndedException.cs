namespace Longwire.Hubs;

/// <summary>The session has ended, or there is none of that id on this node.</summary>
public sealed class SessionEndedException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    public SessionEndedException(string message)
        : base(message) { }
}
