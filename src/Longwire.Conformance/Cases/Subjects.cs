namespace Longwire.Conformance;

/// <summary>Whom a case can be run against.</summary>
[Flags]
public enum Subjects
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>A server over HTTP/1.1: the suite is the client.</summary>
    Server = 1,

    /// <summary>A client: the suite is the server.</summary>
    Client = 2,

    /// <summary>A server over HTTP/2 (RFC 8441): the suite is the client, on a stream of its own.</summary>
    Http2Server = 4,

    /// <summary>All of them: what is on the wire after the opening handshake.</summary>
    All = Server | Client | Http2Server,
}
