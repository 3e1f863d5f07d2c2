namespace Longwire;

/// <summary>
/// Why a connection ends (RFC 6455 §7.4). Any value from 3000 to 4999 may be cast to this type: 3000–3999 are registered, 4000–4999 are the
/// application's own.
/// </summary>
public enum CloseStatus : ushort
{
    /// <summary>1000: the purpose of the connection is fulfilled.</summary>
    NormalClosure = 1000,

    /// <summary>1001: a server goes down or a browser leaves the page.</summary>
    GoingAway = 1001,

    /// <summary>1002: the peer broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>1003: a type of data that this side can't take.</summary>
    UnsupportedData = 1003,

    /// <summary>1005: the Close frame had no status. Never on the wire.</summary>
    NoStatus = 1005,

    /// <summary>1006: the connection ended without a Close frame. Never on the wire.</summary>
    Abnormal = 1006,

    /// <summary>1007: data that doesn't fit its type, as text that is not UTF-8.</summary>
    InvalidPayload = 1007,

    /// <summary>1008: a message breaks this side's policy.</summary>
    PolicyViolation = 1008,

    /// <summary>1009: a message too big to take.</summary>
    MessageTooBig = 1009,

    /// <summary>1010: the client misses an extension that it needs.</summary>
    MandatoryExtension = 1010,

    /// <summary>1011: the server met something that it did not expect.</summary>
    InternalError = 1011,

    /// <summary>1012: the service restarts; come back.</summary>
    ServiceRestart = 1012,

    /// <summary>1013: the service is overloaded; come back later.</summary>
    TryAgainLater = 1013,

    /// <summary>1014: a gateway got a bad answer from the server behind it.</summary>
    BadGateway = 1014,

    /// <summary>1015: the TLS handshake failed. Never on the wire.</summary>
    TlsHandshake = 1015,
}
