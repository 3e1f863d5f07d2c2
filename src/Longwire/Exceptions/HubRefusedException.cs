namespace Longwire;

/// <summary>A hub refused what a client wanted, or could not do it.</summary>
public sealed class HubRefusedException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="code">The error's code, as <c>forbidden</c>.</param>
    /// <param name="message">The error's text.</param>
    /// <param name="innerException">The exception that caused this one, where that is known.</param>
    public HubRefusedException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The error's code, as <c>forbidden</c>.</summary>
    public string Code { get; }
}
