using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

/// <summary>
/// The hub's questions to the client: each is answered once, on whatever connection there is then. One that comes again after a resume gets
/// the answer that was made, or will be. Thread safe.
/// </summary>
internal sealed class Questions(Action<byte[]> post, Action<Exception> failed)
{
    // A hub has at most 16 open for a session.
    private const int MaxAnswers = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Func<byte[], Task<byte[]>>> _handlers = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, byte[]?> _answers = new(StringComparer.Ordinal); // null while its handler runs

    public void Add<T, TReply>(string method, JsonTypeInfo<T> question, JsonTypeInfo<TReply> answer, Func<T, Task<TReply>> handler)
    {
        lock (_gate)
        {
            _handlers[method] = async content =>
                JsonSerializer.SerializeToUtf8Bytes(
                    await handler(JsonSerializer.Deserialize(content, question)!).ConfigureAwait(false),
                    answer
                );
        }
    }

    /// <summary>Takes an <c>ask</c>.</summary>
    public void Take(string id, string method, ReadOnlySpan<byte> content)
    {
        Func<byte[], Task<byte[]>>? handler;
        byte[]? answer;
        lock (_gate)
        {
            if (!_handlers.TryGetValue(method, out handler))
            {
                return;
            }

            if (!_answers.TryGetValue(id, out answer))
            {
                if (_answers.Count == MaxAnswers)
                {
                    _answers.RemoveAt(0);
                }

                _answers.Add(id, null);
            }
            else if (answer is null)
            {
                return;
            }
        }

        if (answer is not null)
        {
            post(answer);
            return;
        }

        byte[] question = content.ToArray();
        // Not on the thread that receives, which a handler may wait for.
        _ = Task.Run(() => AnswerAsync(id, handler, question));
    }

    private async Task AnswerAsync(string id, Func<byte[], Task<byte[]>> handler, byte[] question)
    {
        byte[]? content = null;
        try
        {
            content = await handler(question).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failed(exception);
        }

        byte[] answer = Write(id, content);
        lock (_gate)
        {
            if (_answers.ContainsKey(id))
            {
                _answers[id] = answer;
            }
        }

        post(answer);
    }

    private static byte[] Write(string id, byte[]? content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type"u8, "reply"u8);
        json.WriteString("to"u8, id);
        if (content is not null)
        {
            json.WritePropertyName("content"u8);
            json.WriteRawValue(content);
        }
        else
        {
            json.WriteString("error"u8, "The client failed."u8);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
