namespace Longwire.Protocol;

/// <summary>The result of inflating a part of a message.</summary>
public enum InflateStatus
{
    /// <summary>All is well: the part is inflated, and at the message's end the message is complete.</summary>
    Ok,

    /// <summary>The message inflates to more than its limit. Inflating stopped there; fail the connection with 1009.</summary>
    TooBig,

    /// <summary>The data is not deflate, or the message ends in the middle of it. Fail the connection with 1007.</summary>
    Invalid,
}
