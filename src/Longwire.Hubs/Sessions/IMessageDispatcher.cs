namespace Longwire.Hubs;

/// <summary>Deals with the messages that the clients of sessions send.</summary>
internal interface IMessageDispatcher
{
    /// <summary>The largest message that a connection's client may send.</summary>
    int MaxMessageBytes(HubLink connection);

    /// <summary>Deals with one message, in its session's turn. The payload is not needed any more when this returns.</summary>
    ValueTask Dispatch(HubSession session, MessageType type, ReadOnlySpan<byte> payload);

    /// <summary>Tells the client that a message found no room to wait for the session's earlier ones.</summary>
    void RefuseToWait(HubSession session, ReadOnlySpan<byte> payload, int refusedInARow);
}
