namespace Longwire.Hubs.Client;

/// <summary>It is not known whether the hub did what it was asked for, and it was not asked again.</summary>
public sealed class UncertainDeliveryException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">A description of the failure, and what to do about it.</param>
    public UncertainDeliveryException(string message)
        : base(message) { }
}
