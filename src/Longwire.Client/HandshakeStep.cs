namespace Longwire.Client;

/// <summary>How far an attempt to open a connection has come.</summary>
internal enum HandshakeStep
{
    /// <summary>The name of the server, or of its proxy, is looked up.</summary>
    Resolving,

    /// <summary>TCP connects.</summary>
    Connecting,

    /// <summary>TLS is agreed on.</summary>
    Securing,

    /// <summary>The server has been asked, or is about to be.</summary>
    Asking,
}
