namespace Longwire.Hubs;

/// <summary>The application's handling of messages of types that the hub itself doesn't know.</summary>
internal interface ITypedRequests
{
    /// <summary>Whether there are messages of a type.</summary>
    bool Knows(string type);

    /// <summary>Deals with a message.</summary>
    ValueTask Handle(HubSession session, in ClientMessage message);
}
