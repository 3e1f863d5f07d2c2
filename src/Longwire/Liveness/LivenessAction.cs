namespace Longwire;

/// <summary>An action that a connection's liveness asks for.</summary>
internal enum LivenessAction : byte
{
    /// <summary>There is nothing to be done.</summary>
    None,

    /// <summary>A ping asks whether the peer is alive.</summary>
    Ping,

    /// <summary>The peer has sent no message for too long.</summary>
    CloseIdle,

    /// <summary>The peer is dead: nothing came after the ping.</summary>
    Abort,
}
