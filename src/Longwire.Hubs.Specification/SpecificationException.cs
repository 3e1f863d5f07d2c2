namespace Longwire.Hubs.Specification;

/// <summary>An engine does not do what it has to.</summary>
public sealed class SpecificationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The rule, and the engine's behaviour.</param>
    public SpecificationException(string message)
        : base(message) { }
}
