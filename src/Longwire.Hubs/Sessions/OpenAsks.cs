using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>The questions that a session's client has still to answer. Thread safe.</summary>
internal sealed class OpenAsks(HubSession session)
{
    /// <summary>The most questions that may be open at one time.</summary>
    public const int MaxOpen = 16;

    private const int IdBytes = 9;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ask> _open = new(StringComparer.Ordinal);
    private bool _ended;

    /// <summary>Whether the client has something to answer.</summary>
    public bool HasOpen
    {
        get
        {
            lock (_gate)
            {
                return _open.Count > 0;
            }
        }
    }

    /// <summary>Asks, and returns the answer.</summary>
    public async ValueTask<TReply> AskAsync<TReply>(
        MessageContracts contracts,
        object question,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(question);
        MessageContract contract = contracts.Of(question.GetType());
        byte[] content = contract.Write(question);
        TimeProvider time = session.Owner.Node.TimeProvider;
        byte[] json = await AskAsync(NewId(), contract.Type, content, timeout, time, cancellationToken).ConfigureAwait(false);
        try
        {
            return contracts.ReadReply<TReply>(json);
        }
        catch (JsonException)
        {
            throw new AskRefusedException($"The client's answer to \"{contract.Type}\" is no {typeof(TReply).Name}.");
        }
    }

    private string NewId() => session.Owner.Node.Settings.NewId(stackalloc byte[IdBytes]);

    private async Task<byte[]> AskAsync(
        string id,
        string method,
        byte[] content,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var ask = new Ask(Write(id, method, content));
        lock (_gate)
        {
            if (_ended)
            {
                throw new SessionEndedException($"The session \"{session.ClientId}\" has ended.");
            }

            if (_open.Count == MaxOpen)
            {
                throw new InvalidOperationException($"{MaxOpen} questions are open already. Await their answers first.");
            }

            _open.Add(id, ask);
        }

        try
        {
            session.Send(ask.Message);
            return await ask.Answer.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The client did not answer \"{method}\" within {timeout.TotalSeconds:0.###} s.");
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(id);
            }
        }
    }

    /// <summary>Takes <c>reply {to, content}</c> or <c>reply {to, error}</c>. False when it answers nothing that is open.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> payload)
    {
        if (!TryRead(payload, out string? to, out byte[]? content, out string? error))
        {
            return false;
        }

        Ask? ask;
        lock (_gate)
        {
            if (!_open.Remove(to, out ask))
            {
                return false;
            }
        }

        return error is null ? ask.Answer.TrySetResult(content) : ask.Answer.TrySetException(new AskRefusedException(error));
    }

    /// <summary>The client is back on another connection, and may not have got what was asked on the one before.</summary>
    public void SendAgain()
    {
        Ask[] open;
        lock (_gate)
        {
            open = [.. _open.Values];
        }

        foreach (Ask ask in open)
        {
            session.Send(ask.Message);
        }
    }

    /// <summary>The session is over: nothing is answered any more.</summary>
    public void End()
    {
        Ask[] open;
        lock (_gate)
        {
            _ended = true;
            open = [.. _open.Values];
        }

        foreach (Ask ask in open)
        {
            ask.Answer.TrySetException(new SessionEndedException($"The session \"{session.ClientId}\" ended before it answered."));
        }
    }

    private static bool TryRead(
        ReadOnlySpan<byte> payload,
        [NotNullWhen(true)] out string? to,
        [NotNullWhen(true)] out byte[]? content,
        out string? error
    )
    {
        to = error = null;
        content = null;
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("type", out JsonElement type)
                || !type.ValueEquals("reply"u8)
                || !root.TryGetProperty("to", out JsonElement id)
                || id.ValueKind != JsonValueKind.String
            )
            {
                return false;
            }

            to = id.GetString()!;
            error = root.TryGetProperty("error", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            content = root.TryGetProperty("content", out JsonElement value)
                ? System.Text.Encoding.UTF8.GetBytes(value.GetRawText())
                : "null"u8.ToArray();
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, half of a surrogate pair, or a type that is no string: the dispatcher says what is wrong with it.
            return false;
        }
    }

    private static byte[] Write(string id, string method, byte[] content)
    {
        using var json = JsonBuffer.Rent("ask"u8);
        json.Writer.WriteString("id"u8, id);
        json.Writer.WriteString("method"u8, method);
        json.Writer.WritePropertyName("content"u8);
        json.Writer.WriteRawValue(content, skipInputValidation: true);
        return json.End().ToArray();
    }

    private sealed class Ask(byte[] message)
    {
        public byte[] Message => message;

        public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
