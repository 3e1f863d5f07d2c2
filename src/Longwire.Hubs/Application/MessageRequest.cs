namespace Longwire.Hubs;

/// <summary>A member of a room wants to publish a message.</summary>
/// <typeparam name="T">The message's type.</typeparam>
public sealed class MessageRequest<T> : RoomRequest
    where T : notnull
{
    internal MessageRequest(HubCall call, string type, string? id, byte[] utf8Json, IHubRoom room, T content)
        : base(call, type, id, utf8Json, room) => Content = content;

    /// <summary>The message, valid by its annotations.</summary>
    public T Content { get; }

    /// <summary>Publishes the message.</summary>
    public HubDecision Accept() => HubDecision.Accepted;

    /// <summary>Publishes another message instead.</summary>
    /// <param name="changed">The message to publish instead.</param>
    public HubDecision Accept(T changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        return HubDecision.AcceptedWith(changed);
    }

    /// <summary>Publishes nothing: the client gets the error <c>forbidden</c> with this text.</summary>
    /// <param name="reason">The text for the client.</param>
    public HubDecision Refuse(string reason) => HubDecision.Refused(reason);
}
