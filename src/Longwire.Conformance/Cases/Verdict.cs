namespace Longwire.Conformance;

/// <summary>A case's verdict on a peer's behaviour.</summary>
public enum Verdict
{
    /// <summary>The peer does as the specification asks, and in the best of the ways that it leaves open.</summary>
    Ok,

    /// <summary>Conformant, but not in the way that is to be wished for: found too late, or not looked at.</summary>
    NonStrict,

    /// <summary>The specification says nothing about it; what the peer did is noted.</summary>
    Informational,

    /// <summary>The peer does not have what the case is about: it declined permessage-deflate.</summary>
    Unimplemented,

    /// <summary>Against the specification, or not answered in time.</summary>
    Failed,
}
