namespace Longwire.Hubs;

/// <summary>The entries that a client may offer in <c>Sec-WebSocket-Protocol</c>.</summary>
public static class HubSubprotocol
{
    /// <summary>The subprotocol that the hub speaks. A client that offers none is served the same.</summary>
    public const string Name = "longwire.v1.json";

    /// <summary>
    /// The beginning of an offered entry that is no subprotocol but carries the token, for browsers. Never to be answered with.
    /// </summary>
    public const string BearerPrefix = "bearer.";

    /// <summary>
    /// The beginning of an offered entry that is no subprotocol but carries the secret of the session to resume. Never to be answered
    /// with.
    /// </summary>
    public const string SessionPrefix = "session.";

    /// <summary>
    /// The beginning of an offered entry that is no subprotocol but carries the source of the client's request ids. Never to be answered
    /// with.
    /// </summary>
    public const string ProducerPrefix = "producer.";
}
