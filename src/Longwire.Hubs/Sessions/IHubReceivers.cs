namespace Longwire.Hubs;

/// <summary>Sessions that messages can be sent to. A message that is sent is passing: it is not kept, and dropped first.</summary>
public interface IHubReceivers
{
    /// <summary>Sends a message that is not kept: a session that is away misses it. Thread safe.</summary>
    /// <typeparam name="T">The message's type, whose name is the message's on the wire.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull;
}
