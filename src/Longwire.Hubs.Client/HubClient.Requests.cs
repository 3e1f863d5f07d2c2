using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

// Publications, requests, and their answers.
public sealed partial class HubClient
{
    private const int MaxRequests = 1_000;

    private static readonly TimeSpan _defaultTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, PendingRequest> _requests = new(StringComparer.Ordinal);

    /// <summary>
    /// Answers the hub's questions of a class; without a handler they stay open. It runs on the thread pool. An exception refuses the
    /// question.
    /// </summary>
    /// <typeparam name="T">The question's class; its type on the wire is the question's <c>method</c>.</typeparam>
    /// <typeparam name="TReply">The answer's class.</typeparam>
    /// <param name="answer">Answers.</param>
    /// <exception cref="NotSupportedException">There is no JSON metadata for one of the classes.</exception>
    public void OnAsk<T, TReply>(Func<T, Task<TReply>> answer)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(answer);
        _questions.Add(HubMessageAttribute.TypeOf(typeof(T)), Json.Of<T>(), Json.Of<TReply>(), answer);
    }

    /// <summary>Asks the hub, and waits for its answer.</summary>
    /// <typeparam name="TReply">The answer's class.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long to wait, a connection included; null for 30 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubRefusedException">The hub refused it.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="UncertainDeliveryException">The connection broke before the answer came. It is not asked again.</exception>
    public Task<TReply> AskAsync<TReply>(object request, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        AskAsync<TReply>(room: null, request, timeout, cancellationToken);

    /// <summary>Sends a user a message, on all connections of that user. It is in the outbox as a room's publication is.</summary>
    /// <typeparam name="T">The content's class.</typeparam>
    /// <param name="userId">The user.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox.</param>
    public ValueTask<SendReceipt> DirectAsync<T>(string userId, T content, CancellationToken cancellationToken = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(userId);
        string id = NewId();
        byte[] json = FrameWriter.Message(
            "direct",
            id,
            room: null,
            content,
            Json.Of(typeof(T)),
            json => json.WriteString("userId"u8, userId)
        );
        return AddAsync(new OutboxEntry(id, "$user:" + userId, room: null, json), cancellationToken);
    }

    /// <summary>Says something to everyone, where the hub allows it. It is in the outbox as a room's publication is.</summary>
    /// <typeparam name="T">The message's class.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox.</param>
    public ValueTask<SendReceipt> ChatAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull
    {
        string id = NewId();
        byte[] json = FrameWriter.Message("chat", id, room: null, message, Json.Of(typeof(T)));
        return AddAsync(new OutboxEntry(id, "$all", room: null, json), cancellationToken);
    }

    internal ValueTask<SendReceipt> PublishAsync<T>(
        HubClientRoom room,
        T message,
        PublicationOptions? options,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        string id = NewId();
        byte[] json = FrameWriter.Message(
            HubMessageAttribute.TypeOf(typeof(T)),
            id,
            room.Name,
            message,
            Json.Of(typeof(T)),
            options is null ? null : json => WriteOptions(json, options)
        );
        _socket.Begin();
        lock (Gate)
        {
            // Together: a join that is refused in between would not refuse what is not there yet.
            _ = _rooms.Join(room, options: null);
            return Publisher.AddAsync(new OutboxEntry(id, room.Name, room.Name, json), cancellationToken);
        }
    }

    internal SendOutcome Send<T>(string room, T message)
        where T : notnull
    {
        byte[] json = FrameWriter.Message(HubMessageAttribute.TypeOf(typeof(T)), id: null, room, message, Json.Of(typeof(T)));
        lock (Gate)
        {
            return _connection is { } connection && connection.TrySend(json, MessageType.Text) ? SendOutcome.Sent : SendOutcome.Dropped;
        }
    }

    internal async Task<TReply> AskAsync<TReply>(string? room, object request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        JsonTypeInfo<TReply> metadata = Json.Of<TReply>();
        string id = NewId();
        Type type = request.GetType();
        byte[] json = FrameWriter.Message(HubMessageAttribute.TypeOf(type), id, room, request, Json.Of(type));
        byte[] answer = await AskAsync(new PendingRequest(id, json, isRepeatable: false), timeout, cancellationToken).ConfigureAwait(false);
        return HubFrame.TryRead(answer, out HubFrame frame) && frame.Content.Length > 0
            ? JsonSerializer.Deserialize(frame.Content, metadata)!
            : throw new JsonException($"The hub answered \"{type.Name}\" without content.");
    }

    internal async Task<IReadOnlyList<RoomMessage<T>>> HistoryAsync<T>(
        HubClientRoom room,
        HistoryOptions options,
        ReaderSink<T> reader,
        CancellationToken cancellationToken
    )
    {
        byte[] answer = await AskAsync(
                "history",
                json =>
                {
                    json.WriteString("room"u8, room.Name);
                    WriteNumber(json, "since", options.Since);
                    WriteNumber(json, "before", options.Before);
                    WriteNumber(json, "limit", options.Limit);
                },
                isRepeatable: true,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        List<RoomMessage<T>> messages = [];
        foreach (ReadOnlyMemory<byte> json in MessagesOf(answer))
        {
            if (HubFrame.TryRead(json.Span, out HubFrame frame))
            {
                HandHistory(room, reader, frame);
            }
        }

        while (reader.TryRead(out RoomMessage<T> message))
        {
            messages.Add(message);
        }

        return messages;
    }

    internal async Task<IReadOnlyList<RoomPresence>> PresenceAsync(HubClientRoom room, CancellationToken cancellationToken)
    {
        byte[] answer = await AskAsync(
                "presence",
                json => json.WriteString("room"u8, room.Name),
                isRepeatable: true,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        using var document = JsonDocument.Parse(answer);
        return
        [
            .. document
                .RootElement.GetProperty("members"u8)
                .EnumerateArray()
                .Select(static user => new RoomPresence(
                    user.GetProperty("userId"u8).GetString()!,
                    user.GetProperty("username"u8).GetString()!,
                    user.GetProperty("connections"u8).GetInt32(),
                    user.GetProperty("metadata"u8).Clone()
                )),
        ];
    }

    private static void WriteOptions(Utf8JsonWriter json, PublicationOptions options)
    {
        if (options.Key is not null)
        {
            json.WriteString("key"u8, options.Key);
        }

        WriteNumber(json, "version", options.Version);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    private static List<ReadOnlyMemory<byte>> MessagesOf(byte[] answer)
    {
        List<ReadOnlyMemory<byte>> messages = [];
        if (!HubFrame.TryRead(answer, out HubFrame frame))
        {
            return messages;
        }

        foreach (Range range in JsonArray.ItemsOf(frame.Messages))
        {
            messages.Add(frame.Messages[range].ToArray());
        }

        return messages;
    }

    private ValueTask<SendReceipt> AddAsync(OutboxEntry entry, CancellationToken cancellationToken)
    {
        _socket.Begin();
        return Publisher.AddAsync(entry, cancellationToken);
    }

    internal Task<byte[]> AskAsync(
        string type,
        Action<Utf8JsonWriter> write,
        bool isRepeatable,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        string id = NewId();
        return AskAsync(new PendingRequest(id, FrameWriter.Request(type, id, write), isRepeatable), timeout, cancellationToken);
    }

    private async Task<byte[]> AskAsync(PendingRequest request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _socket.Begin();
        lock (Gate)
        {
            if (_requests.Count == MaxRequests)
            {
                throw new InvalidOperationException($"{MaxRequests} requests are open already. Await their answers first.");
            }

            _requests.Add(request.Id, request);
            Send(request);
        }

        TimeSpan patience = timeout ?? _defaultTimeout;
        try
        {
            return await request.Answer.Task.WaitAsync(patience, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The hub did not answer within {patience.TotalSeconds:0.###} s.");
        }
        finally
        {
            lock (Gate)
            {
                _requests.Remove(request.Id);
            }
        }
    }

    // Under the gate.
    private void Send(PendingRequest request)
    {
        if (_connection is { } connection)
        {
            request.IsSent = true;
            Publisher.Post(connection, request.Json);
        }
    }

    // An answer for a question of the hub's. Without a connection the question comes again.
    private void Reply(byte[] answer)
    {
        lock (Gate)
        {
            if (_connection is { } connection)
            {
                Publisher.Post(connection, answer);
            }
        }
    }

    private void OnAck(in HubFrame frame)
    {
        string id = HubFrame.Text(frame.Id);
        string epoch = _rooms.Find(frame.Room)?.Position?.Epoch ?? "";
        RoomPosition position = frame.Offset < 0 ? default : new RoomPosition(epoch, frame.Offset);
        if (!Publisher.TryAcknowledge(id, position, frame.Repeated))
        {
            Answer(frame);
        }
    }

    private void OnError(in HubFrame frame)
    {
        string id = HubFrame.Text(frame.Id);
        string code = frame.Code.Length > 0 ? HubFrame.Text(frame.Code) : "unauthenticated";
        string message = frame.Message.Length > 0 ? JsonElement.Parse(frame.Message).ToString() : "";
        TimeSpan? retryAfter = frame.RetryAfterMs < 0 ? null : TimeSpan.FromMilliseconds(frame.RetryAfterMs);
        if (Publisher.TryRefuse(id, code, message, retryAfter) || _rooms.TryRefuse(id, code, message, retryAfter))
        {
            return;
        }

        PendingRequest? request;
        lock (Gate)
        {
            _requests.Remove(id, out request);
        }

        if (request is null)
        {
            HubClientLog.StrayError(_logger, code);
            return;
        }

        request.Answer.TrySetException(new HubRefusedException(code, message));
    }

    private void Answer(in HubFrame frame)
    {
        PendingRequest? request;
        lock (Gate)
        {
            _requests.Remove(HubFrame.Text(frame.Id), out request);
        }

        request?.Answer.TrySetResult(frame.Json.ToArray());
    }
}
