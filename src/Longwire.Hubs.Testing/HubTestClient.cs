using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Longwire.Hubs.Testing;

/// <summary>
/// A client of a <see cref="HubTestHost"/>. It speaks the hub's protocol as clients over WebSockets do, and remembers where it is in each
/// room, so that it recovers when it joins again. Thread safe.
/// </summary>
public sealed class HubTestClient
{
    private readonly Hub _hub;
    private readonly MessageContracts _contracts;
    private readonly TestLog _log;
    private readonly HubHandshake _handshake;
    private readonly TestInbox _inbox;
    private readonly ConcurrentDictionary<string, (string Epoch, long Offset)> _positions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<byte[], byte[]>> _answers = new(StringComparer.Ordinal);
    private TestConnection? _connection;
    private string? _secret;
    private int _lastId;

    internal HubTestClient(Hub hub, MessageContracts contracts, TestLog log, HubHandshake handshake)
    {
        _hub = hub;
        _contracts = contracts;
        _log = log;
        _handshake = handshake;
        _inbox = new TestInbox(contracts) { OnMessage = OnMessage };
    }

    /// <summary>The session's client id.</summary>
    public string ClientId { get; private set; } = "";

    /// <summary>Whether the newest connection continued an earlier session.</summary>
    public bool Resumed { get; private set; }

    /// <summary>All messages that the client has got, on all its connections: a snapshot.</summary>
    public IReadOnlyList<ReceivedMessage> Received => _inbox.Received;

    /// <summary>All binary messages that the client has got: a snapshot.</summary>
    public IReadOnlyList<ReceivedBytes> ReceivedBytes => _inbox.ReceivedBytes;

    /// <summary>How the connection ended; null while it lasts.</summary>
    public CloseStatus? ClosedWith => _inbox.Closed?.Status;

    /// <summary>Sends a message as it is.</summary>
    /// <param name="utf8Json">The message in UTF-8.</param>
    /// <exception cref="WebSocketClosedException">The connection has ended.</exception>
    public void Send(ReadOnlySpan<byte> utf8Json) => Send(utf8Json, isBinary: false);

    /// <summary>Sends a message as it is.</summary>
    /// <param name="payload">The message.</param>
    /// <param name="isBinary">Whether it is a binary message; else a text in UTF-8.</param>
    /// <exception cref="WebSocketClosedException">The connection has ended.</exception>
    public void Send(ReadOnlySpan<byte> payload, bool isBinary)
    {
        if (_connection is not { IsOpen: true, Session: { } session } connection)
        {
            throw new WebSocketClosedException(_inbox.Closed?.Status ?? CloseStatus.Abnormal, _inbox.Closed?.Reason ?? "");
        }

        session.Receive(connection, isBinary ? MessageType.Binary : MessageType.Text, payload);
    }

    /// <summary>Signs in by an <c>auth</c> message.</summary>
    /// <param name="token">The token.</param>
    /// <param name="username">The name that the client would like.</param>
    /// <exception cref="WebSocketClosedException">The token was refused.</exception>
    public async Task AuthenticateAsync(string token, string? username = null) =>
        await AskAsync(
                "auth",
                json =>
                {
                    json.WriteString("token"u8, token);
                    json.WriteString("username"u8, username);
                },
                "auth-success"
            )
            .ConfigureAwait(false);

    /// <summary>Joins a room; one that it was in before it recovers.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="history">How many messages of the history to ask for.</param>
    /// <exception cref="HubRefusedException">The client may not.</exception>
    public async Task<JoinedRoom> JoinAsync(string room, int history = 0)
    {
        bool recovers = _positions.TryGetValue(room, out (string Epoch, long Offset) position);
        ReceivedMessage answer = await AskAsync(
                "join-room",
                json =>
                {
                    json.WriteString("room"u8, room);
                    json.WriteNumber("history"u8, history);
                    if (recovers)
                    {
                        json.WriteStartObject("recover"u8);
                        json.WriteString("epoch"u8, position.Epoch);
                        json.WriteNumber("offset"u8, position.Offset);
                        json.WriteEndObject();
                    }
                },
                "joined-room"
            )
            .ConfigureAwait(false);
        IEnumerable<ReceivedMessage> messages = answer
            .Json.GetProperty("messages")
            .EnumerateArray()
            .Select(message => new ReceivedMessage(message, _contracts));
        return new JoinedRoom(answer, [.. messages]);
    }

    /// <summary>Leaves a room.</summary>
    /// <param name="room">The room's name.</param>
    /// <exception cref="HubRefusedException">The client is not in the room.</exception>
    public async Task LeaveAsync(string room)
    {
        await AskAsync("leave-room", json => json.WriteString("room"u8, room), "left-room").ConfigureAwait(false);
        _positions.TryRemove(room, out _);
    }

    /// <summary>Publishes a message in a room, and waits until it is published.</summary>
    /// <typeparam name="T">The message's class.</typeparam>
    /// <param name="room">The room's name.</param>
    /// <param name="message">The message.</param>
    /// <returns>Its offset; 0 where messages of the class are not published.</returns>
    /// <exception cref="HubRefusedException">The client may not.</exception>
    public async Task<long> PublishAsync<T>(string room, T message)
        where T : notnull
    {
        ReceivedMessage ack = await AskAsync(TypeOf<T>(), json => Write(json, room, message), "ack").ConfigureAwait(false);
        return ack.Offset ?? 0;
    }

    /// <summary>Sends a message to a room without waiting for an answer.</summary>
    /// <typeparam name="T">The message's class.</typeparam>
    /// <param name="room">The room's name; null for a message that is for no room, or for the only one that takes it.</param>
    /// <param name="message">The message.</param>
    public void Send<T>(string? room, T message)
        where T : notnull => Send(TestMessage.Write(TypeOf<T>(), id: null, json => Write(json, room, message)));

    /// <summary>Sends a request, and waits for its answer.</summary>
    /// <typeparam name="TReply">The answer's class.</typeparam>
    /// <param name="room">The room's name; null for a request that is for no room.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="HubRefusedException">The client may not.</exception>
    public async Task<TReply> AskAsync<TReply>(string? room, object request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReceivedMessage ack = await AskAsync(MessageContract.TypeOf(request.GetType()), json => Write(json, room, request), "ack")
            .ConfigureAwait(false);
        return _contracts.ReadReply<TReply>(TestMessage.Bytes(ack.Json.GetProperty("content")));
    }

    /// <summary>Answers the application's questions of a class. Without it they stay open.</summary>
    /// <typeparam name="T">The question's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="answer">Answers.</param>
    public void OnAsk<T, TReply>(Func<T, TReply> answer)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answers[MessageContract.TypeOf(typeof(T))] = question => _contracts.WriteReply(answer(_contracts.ReadReply<T>(question)));
    }

    /// <summary>The next message of a class that was not read before; waits for it.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <exception cref="WebSocketClosedException">The connection ended before.</exception>
    public async Task<T> NextAsync<T>()
        where T : notnull => (await NextAsync(TypeOf<T>()).ConfigureAwait(false)).As<T>();

    /// <summary>The next message of a type that was not read before; waits for it.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="WebSocketClosedException">The connection ended before.</exception>
    public Task<ReceivedMessage> NextAsync(string type) => _inbox.NextAsync(message => message.Type == type, $"\"{type}\"");

    /// <summary>
    /// Waits until the hub has dealt with all that this client sent. Other clients' messages may still be on their way.
    /// </summary>
    public async Task FlushAsync() => await AskAsync("ping", static _ => { }, "pong").ConfigureAwait(false);

    /// <summary>Loses the connection, as when a cable is pulled: there is no Close frame.</summary>
    public void Cut() => _connection?.End(CloseStatus.Abnormal, "");

    /// <summary>Says goodbye.</summary>
    public void Close() => _connection?.End(CloseStatus.NormalClosure, "");

    /// <summary>Connects again with the session's secret. It is in no room then.</summary>
    /// <exception cref="WebSocketClosedException">The hub refused it.</exception>
    public Task ReturnAsync()
    {
        Cut();
        return ConnectAsync(new HubHandshake { Session = _secret, Identity = _handshake.Identity });
    }

    internal async Task ConnectAsync(HubHandshake handshake)
    {
        _inbox.Open();
        _connection = new TestConnection(_hub, _inbox);
        _hub.Accept(_connection, handshake);
        ReceivedMessage connected = await NextAsync("connected").ConfigureAwait(false);
        ClientId = connected.Text("clientId")!;
        _secret = connected.Text("session");
        Resumed = connected.Json.GetProperty("resumed").GetBoolean();
    }

    private static string TypeOf<T>() => MessageContract.TypeOf(typeof(T));

    private void Write(Utf8JsonWriter json, string? room, object message)
    {
        if (room is not null)
        {
            json.WriteString("room"u8, room);
        }

        MessageContract contract = _contracts.Of(message.GetType());
        using var document = JsonDocument.Parse(contract.Write(message));
        if (contract.Type == MessageContract.ContentType)
        {
            json.WritePropertyName("content"u8);
            document.RootElement.WriteTo(json);
            return;
        }

        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            property.WriteTo(json);
        }
    }

    private async Task<ReceivedMessage> AskAsync(string type, Action<Utf8JsonWriter> write, string answerType)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"test-{Interlocked.Increment(ref _lastId)}");
        Send(TestMessage.Write(type, id, write));
        ReceivedMessage answer = await _inbox
            .NextAsync(message => message.Id == id && (message.Type == answerType || message.Type == "error"), $"the answer to \"{type}\"")
            .ConfigureAwait(false);
        return answer.Type == "error" ? throw Refused(answer) : answer;
    }

    private HubRefusedException Refused(ReceivedMessage error)
    {
        string code = error.Text("code")!;
        return new HubRefusedException(code, error.Text("message")!, code == "internal" ? _log.Newest : null);
    }

    private void OnMessage(ReceivedMessage message)
    {
        if (message.Room is { } room && message.Offset is { } offset)
        {
            _positions[room] = (message.Text("epoch")!, offset);
        }

        if (message.Type == "ask" && _answers.TryGetValue(message.Text("method")!, out Func<byte[], byte[]>? answer))
        {
            byte[] content = answer(TestMessage.Bytes(message.Json.GetProperty("content")));
            Send(
                TestMessage.Write(
                    "reply",
                    id: null,
                    json =>
                    {
                        json.WriteString("to"u8, message.Id);
                        json.WritePropertyName("content"u8);
                        json.WriteRawValue(content);
                    }
                )
            );
        }
    }
}
