using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Longwire.Hubs;

/// <summary>
/// The messages of one user, or in one room, for an administrator who watches. Those not read in time are dropped and counted, so that
/// nobody waits for the administrator. Thread-safe.
/// </summary>
internal sealed class LiveTrace(bool isRoom, string name, bool withContents, TimeProvider time)
{
    /// <summary>How many entries wait for the reader.</summary>
    private const int MaxWaiting = 1_000;

    /// <summary>How much of a content is shown, in bytes.</summary>
    private const int MaxContentBytes = 4_096;

    private const string Unreadable = "unreadable";

    /// <summary>Messages that carry tokens or secrets, or may: what they say is never shown.</summary>
    private static readonly string[] _secret = ["auth", "auth-success", "auth-failed", "connected", Unreadable];

    private readonly Channel<LiveTraceEntry> _entries = Channel.CreateBounded<LiveTraceEntry>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true }
    );

    private int _dropped;

    public bool IsRoom { get; } = isRoom;

    /// <summary>The user's id, or the room's name.</summary>
    public string Name { get; } = name;

    public bool HasContents { get; } = withContents;

    public ChannelReader<LiveTraceEntry> Entries => _entries.Reader;

    /// <summary>How many entries were dropped since the last call.</summary>
    public int TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>A client has sent a message.</summary>
    public void Received(string clientId, MessageType kind, ReadOnlySpan<byte> payload) => Add("received", clientId, kind, payload);

    /// <summary>A client was sent a message.</summary>
    public void Sent(string clientId, MessageType kind, ReadOnlySpan<byte> payload) => Add("sent", clientId, kind, payload);

    /// <summary>The same, for what was framed once for many.</summary>
    public void Sent(string clientId, PreparedMessage message) => Sent(clientId, message.Type, message.Payload.Span);

    /// <summary>The members of a room are told something.</summary>
    public void Told(PublicationDraft said, RoomPosition? position)
    {
        ReadOnlySpan<byte> content = said.Content.Span;
        Add(
            new LiveTraceEntry(time.GetUtcNow(), "told", null, said.Type.Length == 0 ? "message" : said.Type, content.Length)
            {
                UserId = said.Sender?.UserId,
                Offset = position?.Offset,
                Content = HasContents ? Show(content, said.Kind == ContentKind.Binary) : null,
            }
        );
    }

    private void Add(string direction, string clientId, MessageType kind, ReadOnlySpan<byte> payload)
    {
        string type = kind == MessageType.Text ? TypeOf(payload) : "binary";
        Add(
            new LiveTraceEntry(time.GetUtcNow(), direction, clientId, type, payload.Length)
            {
                Content = HasContents && !_secret.Contains(type) ? Show(payload, kind == MessageType.Binary) : null,
            }
        );
    }

    private void Add(LiveTraceEntry entry)
    {
        if (!_entries.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    private static string Show(ReadOnlySpan<byte> content, bool isBinary)
    {
        ReadOnlySpan<byte> shown = content[..Math.Min(content.Length, MaxContentBytes)];
        return isBinary ? Convert.ToHexStringLower(shown) : Encoding.UTF8.GetString(shown);
    }

    /// <summary>The <c>type</c> of a message; one that can't be read could be anything, a secret, too.</summary>
    private static string TypeOf(ReadOnlySpan<byte> json)
    {
        string? type = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                // Of a name given twice the last counts, as for the hub.
                type = isType && reader.TokenType == JsonTokenType.String ? reader.GetString() : type;
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Unreadable;
        }

        return type ?? Unreadable;
    }
}
