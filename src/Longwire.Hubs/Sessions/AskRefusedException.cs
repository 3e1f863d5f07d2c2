namespace Longwire.Hubs;

/// <summary>The client refused to answer, or answered with something else than was asked for.</summary>
public sealed class AskRefusedException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    public AskRefusedException(string message)
        : base(message) { }
}
