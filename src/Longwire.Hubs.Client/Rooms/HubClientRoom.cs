using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

namespace Longwire.Hubs.Client;

/// <summary>
/// A room of a hub, as one client sees it. Thread safe. A room that was joined stays joined over all reconnects, and what was missed is
/// recovered, in order and once; where that can't be, <see cref="Reset"/> says so before anything else comes.
/// </summary>
[UnsupportedOSPlatform("browser")]
public sealed partial class HubClientRoom
{
    private readonly HubClient _client;
    private readonly Dictionary<Type, MessageSink> _nextReaders = [];

    internal HubClientRoom(HubClient client, string name)
    {
        _client = client;
        Name = name;
    }

    /// <summary>The room's name.</summary>
    public string Name { get; }

    /// <summary>Whether the client is in the room just now.</summary>
    public bool IsJoined => Phase is RoomPhase.Joined or RoomPhase.Behind;

    /// <summary>
    /// Something may be missing. Called in the order of the messages, on the thread that receives them: it must not block.
    /// </summary>
    public event EventHandler<RoomReset>? Reset;

    /// <summary>The client is not in the room any more, and did not ask for it. Called as <see cref="Reset"/> is.</summary>
    public event EventHandler<RoomLeft>? Left;

    /// <summary>A user has come, or gone. Not told of large rooms. Called as <see cref="Reset"/> is.</summary>
    public event EventHandler<RoomMembersChange>? MembersChanged;

    /// <summary>
    /// Up to where the client's user has read, on any device, and how many messages are unread. Nothing is known before the room is joined,
    /// and in a room without markers all is 0.
    /// </summary>
    public RoomUnread Unread
    {
        get
        {
            lock (_client.Gate)
            {
                return _unread ?? default;
            }
        }
    }

    /// <summary>
    /// Another message is unread, or the user has read some, here or on another device. Called as <see cref="Reset"/> is.
    /// </summary>
    public event EventHandler<RoomUnread>? UnreadChanged;

    /// <summary>
    /// Joins the room, and stays in it until <see cref="LeaveAsync"/>. Starts the client. Joining again changes nothing.
    /// </summary>
    /// <param name="options">The history to have first; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the room is joined all the same.</param>
    /// <exception cref="HubRefusedException">The client may not.</exception>
    /// <exception cref="WebSocketClosedException">The client is closed for good.</exception>
    public async Task<RoomJoined> JoinAsync(JoinOptions? options = null, CancellationToken cancellationToken = default) =>
        await _client.Join(this, options).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Leaves the room. Readers end, handlers stay for another join.</summary>
    /// <param name="cancellationToken">Ends the wait for the hub's answer.</param>
    public Task LeaveAsync(CancellationToken cancellationToken = default) => _client.LeaveAsync(this, cancellationToken);

    /// <summary>
    /// Publishes a message: it is in the outbox when the task completes, and counts once, whatever happens to the connection. A room that
    /// was not joined is joined.
    /// </summary>
    /// <typeparam name="T">The message's class; <see cref="HubMessageAttribute"/> names its type on the wire.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox: the message is then not published.</param>
    /// <exception cref="OutboxFullException">The outbox is full, and its options say to fail.</exception>
    /// <exception cref="WebSocketClosedException">The client is closed for good, or closing.</exception>
    /// <exception cref="NotSupportedException">There is no JSON metadata for the class.</exception>
    public ValueTask<SendReceipt> PublishAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => PublishAsync(message, null, cancellationToken);

    /// <summary>Publishes a message, as <see cref="PublishAsync{T}(T, CancellationToken)"/> does.</summary>
    /// <typeparam name="T">The message's class.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="options">The key and version of a message of the type <c>message</c>; null for none.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox: the message is then not published.</param>
    /// <inheritdoc cref="PublishAsync{T}(T, CancellationToken)" path="/exception"/>
    public async ValueTask<SendReceipt> PublishAsync<T>(
        T message,
        PublicationOptions? options,
        CancellationToken cancellationToken = default
    )
        where T : notnull => await _client.PublishAsync(this, message, options, cancellationToken).ConfigureAwait(false);

    /// <summary>Sends what is passing, as that somebody types: not kept, and dropped where there is no connection.</summary>
    /// <typeparam name="T">The message's class.</typeparam>
    /// <param name="message">The message.</param>
    /// <returns>Whether it was sent or dropped.</returns>
    /// <exception cref="NotSupportedException">There is no JSON metadata for the class.</exception>
    public ValueTask<SendOutcome> SendAsync<T>(T message)
        where T : notnull => ValueTask.FromResult(_client.Send(Name, message));

    /// <summary>Asks the hub, in this room, and waits for its answer.</summary>
    /// <typeparam name="TReply">The answer's class.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long to wait, a connection included; null for 30 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubRefusedException">The hub refused it.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="UncertainDeliveryException">The connection broke before the answer came. It is not asked again.</exception>
    public Task<TReply> AskAsync<TReply>(object request, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _client.AskAsync<TReply>(Name, request, timeout, cancellationToken);

    /// <summary>
    /// Handles the room's messages of a class, live and recovered. Several handlers of a class are called one after the other. The calls
    /// never overlap, and must not block.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">Is called with each message, and where it came from.</param>
    /// <returns>Ends the handling when it is disposed of.</returns>
    /// <exception cref="NotSupportedException">There is no JSON metadata for the class.</exception>
    public IDisposable On<T>(Action<T, RoomSender> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        var sink = new HandlerSink<T>(handler, _client.Json.Of<T>(), this);
        Add(sink);
        return sink;
    }

    /// <summary>
    /// Joins the room, and reads its messages of a class: first of the history, then live. It ends when the room is left, or the client
    /// closed.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="options">How much of the history to have; null for none.</param>
    /// <param name="cancellationToken">Ends the reading and nothing else.</param>
    /// <exception cref="HubRefusedException">The client may not join, or not any more.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async IAsyncEnumerable<RoomMessage<T>> ReadAllAsync<T>(
        RoomReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
        where T : notnull
    {
        ReaderSink<T> sink = NewReader<T>();
        _client.Read(this, sink, options?.History ?? 0);
        try
        {
            do
            {
                while (sink.TryRead(out RoomMessage<T> message))
                {
                    yield return message;
                }
            } while (await sink.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            Remove(sink);
        }
    }

    /// <summary>
    /// The next message of a class that this method has not returned before; waits for it. The first call joins the room, and in
    /// <see cref="HubClient.Me"/> and <see cref="HubClient.Everyone"/> begins with what the hub still keeps.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="cancellationToken">Ends the wait: the next call gets the message.</param>
    /// <exception cref="HubRefusedException">The client may not join, or not any more.</exception>
    /// <exception cref="WebSocketClosedException">The room was left, or the client closed.</exception>
    public async ValueTask<RoomMessage<T>> NextMessageAsync<T>(CancellationToken cancellationToken = default)
        where T : notnull
    {
        ReaderSink<T> sink;
        lock (_nextReaders)
        {
            if (_nextReaders.TryGetValue(typeof(T), out MessageSink? known))
            {
                sink = (ReaderSink<T>)known;
            }
            else
            {
                sink = NewReader<T>();
                _nextReaders.Add(typeof(T), sink);
                _client.Read(this, sink, IsOwn ? OwnHistory : 0);
            }
        }

        RoomMessage<T> message;
        while (!sink.TryRead(out message))
        {
            if (!await sink.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new WebSocketClosedException(CloseStatus.NormalClosure, $"The client has left \"{Name}\".");
            }
        }

        return message;
    }

    /// <summary>The content of <see cref="NextMessageAsync"/>.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="cancellationToken">Ends the wait: the next call gets the message.</param>
    /// <inheritdoc cref="NextMessageAsync" path="/exception"/>
    public async ValueTask<T> NextAsync<T>(CancellationToken cancellationToken = default)
        where T : notnull => (await NextMessageAsync<T>(cancellationToken).ConfigureAwait(false)).Content;

    /// <summary>Reads the room's history. The client must be in the room.</summary>
    /// <typeparam name="T">The class of the messages; those of others are left out.</typeparam>
    /// <param name="options">Which; null for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The messages, the oldest first.</returns>
    /// <exception cref="HubRefusedException">The client is not in the room.</exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public Task<IReadOnlyList<RoomMessage<T>>> HistoryAsync<T>(
        HistoryOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where T : notnull => _client.HistoryAsync<T>(this, options ?? new(), NewReader<T>(), cancellationToken);

    /// <summary>The users in the room: one entry for each user, from at most 1,000 sessions. The client must be in the room.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubRefusedException">The client is not in the room.</exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public Task<IReadOnlyList<RoomPresence>> PresenceAsync(CancellationToken cancellationToken = default) =>
        _client.PresenceAsync(this, cancellationToken);

    /// <summary>Says that the user has read up to a message; on all devices. The marker never goes back.</summary>
    /// <param name="position">The message's position; null for the last one that was handed to the application.</param>
    /// <param name="cancellationToken">Ends the wait; the marker may have moved all the same.</param>
    /// <exception cref="HubRefusedException">The room has no markers, or the position is of another epoch.</exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public async Task MarkReadAsync(RoomPosition? position = null, CancellationToken cancellationToken = default)
    {
        if ((position ?? Position) is not { } read)
        {
            return;
        }

        byte[] answer = await _client
            .AskAsync(
                "read",
                json =>
                {
                    json.WriteString("room"u8, Name);
                    json.WriteString("epoch"u8, read.Epoch);
                    json.WriteNumber("offset"u8, read.Offset);
                },
                isRepeatable: true,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (HubFrame.TryRead(answer, out HubFrame frame))
        {
            TakeRead(frame.Offset, frame.Unread);
        }
    }

    private ReaderSink<T> NewReader<T>() => new(_client.Json.Of<T>(), this, _client.Options.ReadQueueMessages);
}
