namespace Longwire.Conformance;

/// <summary>A case's verdict on the way in which the connection ended.</summary>
public enum CloseVerdict
{
    /// <summary>By the right end, with a right status, and down to TCP.</summary>
    Ok,

    /// <summary>The specification says nothing about it.</summary>
    Informational,

    /// <summary>The closing handshake was right, but the server left TCP open for the client to end.</summary>
    FailedByClient,

    /// <summary>A Close frame with another status than the case asks for.</summary>
    WrongCode,

    /// <summary>TCP ended without the closing handshake where there has to be one.</summary>
    Unclean,

    /// <summary>The connection was closed by the wrong end, or never opened.</summary>
    Failed,
}
