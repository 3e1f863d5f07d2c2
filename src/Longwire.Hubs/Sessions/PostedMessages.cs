using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// The messages of one <c>POST</c>: they are dealt with in order, in one turn of their session, and their answers are the request's.
/// </summary>
internal sealed class PostedMessages(byte[] body, IReadOnlyList<Range> messages)
{
    private readonly byte[]?[] _answers = new byte[]?[messages.Count];
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _current;
    private HubLink? _link;
    private int _rateLimited;

    /// <summary>The answers, in the order of the messages; null for those that have none of their own.</summary>
    public IReadOnlyList<byte[]?> Answers => _answers;

    /// <summary>Splits a body into its messages: one, or an array of them. Null when it is no JSON.</summary>
    public static PostedMessages? Read(byte[] body, int maxDepth)
    {
        List<Range> messages = [];
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                messages.Add(..(int)reader.BytesConsumed);
            }
            else
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    messages.Add(start..(int)reader.BytesConsumed);
                }
            }

            // Nothing may follow: this throws where something does.
            return reader.Read() ? null : new PostedMessages(body, messages);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Messages of the hub's own making.</summary>
    public static PostedMessages Of(IReadOnlyList<byte[]> messages)
    {
        List<Range> ranges = [];
        int length = 0;
        foreach (byte[] message in messages)
        {
            ranges.Add(length..(length + message.Length));
            length += message.Length;
        }

        return new PostedMessages([.. messages.SelectMany(static message => message)], ranges);
    }

    /// <summary>The messages as they came.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>How long they are together.</summary>
    public int Bytes => body.Length;

    /// <summary>How many messages there are.</summary>
    public int Count => messages.Count;

    /// <summary>Whether each of them was refused because the session sends too fast.</summary>
    public bool AreAllRateLimited => _rateLimited > 0 && _rateLimited == Count;

    /// <summary>
    /// Has the session deal with the messages. False when it has no connection, or too many messages wait for it already.
    /// </summary>
    public Task<bool> SendToAsync(HubSession session, HubLink link)
    {
        // An answer to what the application has asked must not wait for the session, which may wait for it.
        for (_current = 0; _current < Count && session.TryAnswer(Current); _current++) { }

        session.Post(new SessionEvent(SessionEventKind.Work) { Payload = body, Work = () => RunAsync(session, link) });
        return _done.Task;
    }

    /// <summary>Takes the answer to the present message. One message has one answer; what else it causes is sent to the client.</summary>
    public bool Answer(JsonBuffer message)
    {
        using (message)
        {
            ReadOnlySpan<byte> json = message.End();
            _answers[_current] = json.ToArray();
            _link?.Trace?.Sent(_link.ClientId, MessageType.Text, json);
            return true;
        }
    }

    private ReadOnlySpan<byte> Current => body.AsSpan(messages[_current]);

    private async ValueTask RunAsync(HubSession session, HubLink link)
    {
        _link = link;
        try
        {
            for (; _current < Count && session.IsHeard(link); _current++)
            {
                session.Posted = this;
                await session.Owner.Dispatcher.Dispatch(session, MessageType.Text, Current).ConfigureAwait(false);
                _rateLimited += IsRateLimited(_answers[_current]) ? 1 : 0;
            }
        }
        finally
        {
            session.Posted = null;
            _done.TrySetResult(_current == Count);
        }
    }

    private static bool IsRateLimited(byte[]? answer) => answer.AsSpan().StartsWith("""{"type":"error","code":"rate-limited","""u8);
}
