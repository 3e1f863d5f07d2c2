using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>A message of the hub's, as <c>docs/protocol/hub.md</c> has it. Read in one pass; nothing is copied.</summary>
internal ref struct HubFrame
{
    private const int MaxDepth = 1_000;

    public ReadOnlySpan<byte> Json;
    public ReadOnlySpan<byte> Type;
    public ReadOnlySpan<byte> Room;
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> UserId;
    public ReadOnlySpan<byte> Username;
    public ReadOnlySpan<byte> Epoch;
    public ReadOnlySpan<byte> Tag;
    public ReadOnlySpan<byte> Code;
    public ReadOnlySpan<byte> Method;
    public ReadOnlySpan<byte> Session;
    public ReadOnlySpan<byte> ClientId;
    public ReadOnlySpan<byte> Reason;

    /// <summary><c>message</c>, as JSON.</summary>
    public ReadOnlySpan<byte> Message;

    /// <summary><c>content</c>, as JSON.</summary>
    public ReadOnlySpan<byte> Content;

    /// <summary><c>messages</c>, as JSON.</summary>
    public ReadOnlySpan<byte> Messages;

    /// <summary><c>state</c>, as JSON.</summary>
    public ReadOnlySpan<byte> State;

    /// <summary><c>map</c>, as JSON.</summary>
    public ReadOnlySpan<byte> Map;

    /// <summary><c>presence</c>, as JSON.</summary>
    public ReadOnlySpan<byte> Presence;

    public long Offset;
    public long Timestamp;
    public long Members;
    public long RetryAfterMs;
    public long ReconnectAfterMs;
    public long IdempotencyMs;
    public long MaxMessageBytes;
    public long StateVersion;
    public long Version;
    public long Read;
    public long Unread;
    public bool Recovered;
    public bool Repeated;
    public bool Resumed;

    /// <summary>Whether it is a message with a place in a room's order.</summary>
    public readonly bool IsPublication => Epoch.Length > 0 && Offset >= 0;

    /// <summary>Whether its content stands in <c>message</c>, and does not lie flat.</summary>
    public readonly bool HasMessage => Type.SequenceEqual("message"u8) || Type.SequenceEqual("chat"u8) || Type.SequenceEqual("direct"u8);

    /// <summary>Its purpose.</summary>
    public readonly HubFrameKind Kind =>
        Type.Length switch
        {
            3 when Type.SequenceEqual("ack"u8) => HubFrameKind.Ack,
            3 when Type.SequenceEqual("ask"u8) => HubFrameKind.Ask,
            3 when Type.SequenceEqual("map"u8) => HubFrameKind.Answer,
            4 when Type.SequenceEqual("read"u8) => HubFrameKind.Read,
            4 when Type.SequenceEqual("pong"u8) => HubFrameKind.Answer,
            5 when Type.SequenceEqual("error"u8) => HubFrameKind.Error,
            5 when Type.SequenceEqual("drain"u8) => HubFrameKind.Drain,
            7 when Type.SequenceEqual("history"u8) => HubFrameKind.Answer,
            7 when Type.SequenceEqual("welcome"u8) => HubFrameKind.Welcome,
            8 when Type.SequenceEqual("presence"u8) => HubFrameKind.Answer,
            9 when Type.SequenceEqual("connected"u8) => HubFrameKind.Connected,
            9 when Type.SequenceEqual("left-room"u8) => HubFrameKind.LeftRoom,
            9 when Type.SequenceEqual("user-left"u8) => HubFrameKind.Members,
            10 when Type.SequenceEqual("room-reset"u8) => HubFrameKind.RoomReset,
            11 when Type.SequenceEqual("joined-room"u8) => HubFrameKind.JoinedRoom,
            11 when Type.SequenceEqual("user-joined"u8) => HubFrameKind.Members,
            11 when Type.SequenceEqual("auth-failed"u8) => HubFrameKind.Error,
            12 when Type.SequenceEqual("auth-success"u8) => HubFrameKind.AuthSuccess,
            14 when Type.SequenceEqual("presence-reset"u8) => HubFrameKind.Presence,
            16 when Type.SequenceEqual("presence-changed"u8) => HubFrameKind.Presence,
            _ => HubFrameKind.RoomMessage,
        };

    /// <summary>Reads a message.</summary>
    /// <returns>False when it is none of a hub's.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, out HubFrame frame)
    {
        frame = new HubFrame
        {
            Json = json,
            Offset = -1,
            Members = -1,
            RetryAfterMs = -1,
            StateVersion = -1,
            Read = -1,
        };
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadOnlySpan<byte> name = reader.ValueSpan;
                reader.Read();
                JsonTokenType token = reader.TokenType;
                string? unescaped = token == JsonTokenType.String && reader.ValueIsEscaped ? reader.GetString() : null;
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                frame.Take(name, token, json[start..(int)reader.BytesConsumed], unescaped);
            }

            return frame.Type.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    public readonly ulong TagValue =>
        ulong.TryParse(Tag, System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong tag) ? tag : 0;

    public readonly RoomPosition Position => new(Text(Epoch), Math.Max(Offset, 0)) { Tag = TagValue };

    private void Take(scoped ReadOnlySpan<byte> name, JsonTokenType token, ReadOnlySpan<byte> json, string? unescaped)
    {
        TakeJson(name, json);
        switch (token)
        {
            case JsonTokenType.String:
                TakeText(name, unescaped is null ? json[1..^1] : Encoding.UTF8.GetBytes(unescaped));
                break;
            case JsonTokenType.Number when Utf8Parser.TryParse(json, out long number, out int length) && length == json.Length:
                TakeNumber(name, number);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                TakeBoolean(name, token == JsonTokenType.True);
                break;
        }
    }

    private void TakeText(scoped ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                Id = value;
                break;
            case 3 when name.SequenceEqual("tag"u8):
                Tag = value;
                break;
            case 4 when name.SequenceEqual("type"u8):
                Type = value;
                break;
            case 4 when name.SequenceEqual("room"u8):
                Room = value;
                break;
            case 4 when name.SequenceEqual("code"u8):
                Code = value;
                break;
            case 4 when name.SequenceEqual("from"u8):
                // A direct message names its sender so.
                UserId = UserId.Length == 0 ? value : UserId;
                break;
            case 5 when name.SequenceEqual("epoch"u8):
                Epoch = value;
                break;
            case 6 when name.SequenceEqual("userId"u8):
                UserId = value;
                break;
            case 6 when name.SequenceEqual("method"u8):
                Method = value;
                break;
            case 6 when name.SequenceEqual("reason"u8):
                Reason = value;
                break;
            case 7 when name.SequenceEqual("session"u8):
                Session = value;
                break;
            case 8 when name.SequenceEqual("username"u8):
                Username = value;
                break;
            case 8 when name.SequenceEqual("clientId"u8):
                ClientId = value;
                break;
        }
    }

    private void TakeNumber(scoped ReadOnlySpan<byte> name, long number)
    {
        switch (name.Length)
        {
            case 6 when name.SequenceEqual("offset"u8):
                Offset = number;
                break;
            case 4 when name.SequenceEqual("read"u8):
                Read = number;
                break;
            case 6 when name.SequenceEqual("unread"u8):
                Unread = number;
                break;
            case 7 when name.SequenceEqual("version"u8):
                Version = number;
                break;
            case 7 when name.SequenceEqual("members"u8):
                Members = number;
                break;
            case 9 when name.SequenceEqual("timestamp"u8):
                Timestamp = number;
                break;
            case 12 when name.SequenceEqual("retryAfterMs"u8):
                RetryAfterMs = number;
                break;
            case 12 when name.SequenceEqual("stateVersion"u8):
                StateVersion = number;
                break;
            case 13 when name.SequenceEqual("idempotencyMs"u8):
                IdempotencyMs = number;
                break;
            case 15 when name.SequenceEqual("maxMessageBytes"u8):
                MaxMessageBytes = number;
                break;
            case 16 when name.SequenceEqual("reconnectAfterMs"u8):
                ReconnectAfterMs = number;
                break;
        }
    }

    private void TakeBoolean(scoped ReadOnlySpan<byte> name, bool value)
    {
        switch (name.Length)
        {
            case 7 when name.SequenceEqual("resumed"u8):
                Resumed = value;
                break;
            case 8 when name.SequenceEqual("repeated"u8):
                Repeated = value;
                break;
            case 9 when name.SequenceEqual("recovered"u8):
                Recovered = value;
                break;
        }
    }

    private void TakeJson(scoped ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("map"u8):
                Map = value;
                break;
            case 8 when name.SequenceEqual("presence"u8):
                Presence = value;
                break;
            case 5 when name.SequenceEqual("state"u8):
                State = value;
                break;
            case 7 when name.SequenceEqual("message"u8):
                Message = value;
                break;
            case 7 when name.SequenceEqual("content"u8):
                Content = value;
                break;
            case 8 when name.SequenceEqual("messages"u8) && value[0] == (byte)'[':
                Messages = value;
                break;
        }
    }
}
