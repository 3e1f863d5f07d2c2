namespace Longwire.Hubs.Testing;

/// <summary>The answer to a join. Immutable.</summary>
public sealed class JoinedRoom
{
    internal JoinedRoom(ReceivedMessage answer, IReadOnlyList<ReceivedMessage> messages)
    {
        Answer = answer;
        Messages = messages;
    }

    /// <summary>The whole answer.</summary>
    public ReceivedMessage Answer { get; }

    /// <summary>The room's name.</summary>
    public string Room => Answer.Room!;

    /// <summary>How many sessions are in the room.</summary>
    public int Members => Answer.Json.GetProperty("members").GetInt32();

    /// <summary>Whether <see cref="Messages"/> are exactly what the client missed.</summary>
    public bool Recovered => Answer.Json.GetProperty("recovered").GetBoolean();

    /// <summary>The messages that the client missed, or the history that it asked for; the oldest first.</summary>
    public IReadOnlyList<ReceivedMessage> Messages { get; }
}
