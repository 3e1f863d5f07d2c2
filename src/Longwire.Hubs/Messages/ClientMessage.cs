using System.Globalization;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// A client's message, read once: where each known field lies in the payload. Values are decoded when asked for; content is
/// never decoded, so that it goes out as it came in. Of a name given twice the last counts, as in JavaScript.
/// </summary>
internal ref partial struct ClientMessage
{
    /// <summary>The greatest length of a request's id, in UTF-16 units.</summary>
    public const int MaxIdLength = 64;

    private ReadOnlySpan<byte> _payload;
    private Values _values;

    /// <summary>The greatest value JavaScript can count to exactly; offsets and limits beyond are nobody's.</summary>
    private const long MaxSafeInteger = (1L << 53) - 1;

    public ClientMessageType Type { get; private set; }

    /// <summary>The type's name when it is <see cref="ClientMessageType.Other"/>.</summary>
    public string? TypeName { get; private set; }

    public string? Id { get; private set; }

    /// <summary>When it came, by the hub's clock.</summary>
    public TimeSpan At { get; set; }

    /// <summary>The id of the request that this one must not overtake; null for none.</summary>
    public readonly string? AfterId => TryGetString(AfterIdValue, MaxIdLength, out string id) ? id : null;

    /// <summary>The client's own span, as W3C's <c>traceparent</c>; null for none.</summary>
    public readonly string? TraceParent => TryGetString(TraceParentValue, HubTracing.TraceParentLength, out string text) ? text : null;

    /// <summary>Reads a message. Returns null when it is one, else what is wrong with it; its id is known if it could be read.</summary>
    public static HubError? Read(ReadOnlySpan<byte> payload, int maxDepth, out ClientMessage message)
    {
        var read = new ClientMessage { _payload = payload };
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                read.ReadFields(ref reader);
            }
            else
            {
                reader.Skip();
            }

            // Anything behind the value makes the reader throw.
            reader.Read();
        }
        catch (JsonException)
        {
            message = default;
            return HubError.InvalidJson;
        }

        bool isMessage = read.ReadEnvelope();
        message = read;
        return isMessage && !JsonText.HasHalfOfPair(payload) ? null : HubError.InvalidFormat;
    }

    /// <summary>The whole message as it came.</summary>
    public readonly ReadOnlySpan<byte> Whole => _payload;

    /// <summary>The value's JSON as it came.</summary>
    public readonly ReadOnlySpan<byte> Raw(JsonSlice slice) => _payload.Slice(slice.Start, slice.Length);

    public readonly bool TryGetString(JsonSlice slice, int maxLength, out string value)
    {
        value = "";
        if (slice.Kind != JsonTokenType.String)
        {
            return false;
        }

        ReadOnlySpan<byte> json = Raw(slice);
        if (JsonText.HasHalfOfPair(json))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        value = reader.GetString()!;
        return value.Length <= maxLength;
    }

    /// <summary>Reads a whole number from 0 to 2^53-1.</summary>
    public readonly bool TryGetCount(JsonSlice slice, out long value)
    {
        value = 0;
        if (slice.Kind != JsonTokenType.Number)
        {
            return false;
        }

        var reader = new Utf8JsonReader(Raw(slice));
        reader.Read();
        return reader.TryGetInt64(out value) && value is >= 0 and <= MaxSafeInteger;
    }

    /// <summary>Whether a field that may be left out is one of the two booleans, if it is there.</summary>
    public static bool IsFlag(JsonSlice slice) => !slice.IsPresentAndNotNull || slice.Kind is JsonTokenType.True or JsonTokenType.False;

    /// <summary>Reads a whole number that may be left out.</summary>
    public readonly bool TryGetOptionalCount(JsonSlice slice, out long? value)
    {
        value = null;
        long number = 0;
        if (!slice.IsPresentAndNotNull)
        {
            return true;
        }

        bool isRead = TryGetCount(slice, out number);
        value = number;
        return isRead;
    }

    /// <summary>Reads the <c>recover</c> field: an object with <c>epoch</c>, <c>offset</c> and perhaps <c>tag</c>.</summary>
    public readonly bool TryGetPosition(JsonSlice slice, out RoomPosition position)
    {
        position = default;
        if (slice.Kind != JsonTokenType.StartObject)
        {
            return false;
        }

        string? epoch = null;
        long offset = -1;
        ulong tag = 0;
        var reader = new Utf8JsonReader(Raw(slice), new JsonReaderOptions { MaxDepth = 1_000 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = IsText(ref reader);
            bool isEpoch = isText && reader.ValueTextEquals("epoch"u8);
            bool isOffset = isText && reader.ValueTextEquals("offset"u8);
            bool isTag = isText && reader.ValueTextEquals("tag"u8);
            reader.Read();
            int start = slice.Start + (int)reader.TokenStartIndex;
            JsonTokenType kind = reader.TokenType;
            reader.Skip();
            var value = new JsonSlice(kind, start, slice.Start + (int)reader.BytesConsumed - start);
            if (isEpoch && !TryGetString(value, MaxIdLength, out epoch))
            {
                return false;
            }

            if (isOffset && !TryGetCount(value, out offset))
            {
                return false;
            }

            if (isTag && value.IsPresentAndNotNull && !TryGetTag(value, out tag))
            {
                return false;
            }
        }

        position = new RoomPosition(epoch ?? "", offset) { Tag = tag };
        return epoch is not null && offset >= 0;
    }

    private readonly bool TryGetTag(JsonSlice slice, out ulong tag)
    {
        tag = 0;
        return TryGetString(slice, MaxIdLength, out string text)
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out tag);
    }

    private void ReadFields(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Field field = FieldOf(ref reader);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            JsonTokenType kind = reader.TokenType;
            reader.Skip();
            _values[(int)field] = new JsonSlice(kind, start, (int)reader.BytesConsumed - start);
        }
    }

    /// <summary>Whether the name read can be compared: the reader throws at half of a surrogate pair.</summary>
    private static bool IsText(ref Utf8JsonReader reader) => !reader.ValueIsEscaped || !JsonText.HasHalfOfPair(reader.ValueSpan);

    private static Field FieldOf(ref Utf8JsonReader reader)
    {
        if (!IsText(ref reader))
        {
            return Field.Unknown;
        }

        for (int field = 0; field < _names.Length; field++)
        {
            if (reader.ValueTextEquals(_names[field]))
            {
                return (Field)field;
            }
        }

        return Field.Unknown;
    }

    private bool ReadEnvelope()
    {
        if (IdValue.IsPresentAndNotNull)
        {
            if (!TryGetString(IdValue, MaxIdLength, out string id))
            {
                return false;
            }

            Id = id;
        }

        if (!TryGetString(TypeValue, int.MaxValue, out string type) || type.Length == 0)
        {
            return false;
        }

        Type = TypeOf(type);
        TypeName = type;
        return true;
    }

    public static ClientMessageType TypeOf(string type) =>
        type switch
        {
            "auth" => ClientMessageType.Auth,
            "join-room" => ClientMessageType.JoinRoom,
            "leave-room" => ClientMessageType.LeaveRoom,
            "message" => ClientMessageType.Message,
            "chat" => ClientMessageType.Chat,
            "direct" => ClientMessageType.Direct,
            "history" => ClientMessageType.History,
            "presence" => ClientMessageType.Presence,
            "presence-update" => ClientMessageType.PresenceUpdate,
            "map-put" => ClientMessageType.MapPut,
            "map-remove" => ClientMessageType.MapRemove,
            "map-read" => ClientMessageType.MapRead,
            "read" => ClientMessageType.Read,
            "ping" => ClientMessageType.Ping,
            _ => ClientMessageType.Other,
        };
}
