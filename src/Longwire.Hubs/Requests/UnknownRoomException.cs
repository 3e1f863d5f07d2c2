namespace Longwire.Hubs;

/// <summary>No mapped template matches the name of a room.</summary>
public sealed class UnknownRoomException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    public UnknownRoomException(string message)
        : base(message) { }
}
