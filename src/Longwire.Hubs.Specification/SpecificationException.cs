namespace Longwire.Hubs.Specification;

/// <summary>An engine does not do what it has to.</summary>
public sealed class SpecificationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What it has to do, and what it did.</param>
    public SpecificationException(string message)
        : base(message) { }
}
