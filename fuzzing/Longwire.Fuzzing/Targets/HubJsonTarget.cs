using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Logging;

namespace Longwire.Fuzzing;

/// <summary>
/// The hub's JSON (docs/protocol/hub.md): a client's messages, bent in every way, through the hub's handler on a connection in memory,
/// while another client of the same room goes on talking.
/// </summary>
/// <remarks>
/// Legal outcomes of a message: what is no UTF-8 closes with 1007; what is no JSON, or too deep, gets <c>invalid-json</c>; what is no
/// object with a string <c>type</c>, or binary, or has half of a surrogate pair anywhere, gets <c>invalid-format</c>; an unknown type
/// <c>unknown-type</c>; a known one its own answer or one of its errors. An answer has the request's id. The date may be set by an hour at
/// any time, and a client may end its direction. Only <c>auth</c> closes, with 1008 "Authentication failed". Never: another close, an error
/// of the codes <c>internal</c> or <c>unavailable</c>, a warning in the log, a lost or repeated message at the other client.
/// </remarks>
internal sealed class HubJsonTarget : FuzzTarget
{
    private const byte Separator = 0x1E;
    private const int MostMessages = 12;
    private const int MaxDepth = 20;
    private const int MaxContent = 2_000;
    private const int ChecksOfAHub = 200;

    private static readonly Dictionary<string, string[]> _answers = new()
    {
        ["auth"] = ["auth-success", "auth-failed", "left-room", "invalid-format"],
        ["join-room"] = ["joined-room", "invalid-format", "forbidden"],
        ["leave-room"] = ["left-room", "forbidden", "invalid-format", "unknown-room", "not-in-room"],
        ["message"] = ["message", "ack", "stale", "forbidden", "id-reused", "invalid-format", "too-large", "unknown-room", "not-in-room"],
        ["chat"] = ["chat", "ack", "id-reused", "invalid-format", "too-large"],
        ["direct"] = ["direct", "ack", "id-reused", "invalid-format", "too-large"],
        ["history"] = ["history", "invalid-format", "unknown-room", "not-in-room"],
        ["presence"] = ["presence", "forbidden", "invalid-format", "unknown-room", "not-in-room"],
        ["ping"] = ["pong"],
        ["custom"] = ["ack"],
    };

    private TestHub? _hub;
    private TestClient _other = null!;
    private RecordingLoggerFactory _log = new();
    private int _checks;
    private long _talked;

    public override string Name => "hub-json";

    public override byte[] Generate(Random random) => HubGrammar.Messages(random, Separator);

    public override string Check(byte[] input) => CheckAsync(input).GetAwaiter().GetResult();

    public override void Dispose()
    {
        _hub?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _hub = null;
        base.Dispose();
    }

    private async Task<string> CheckAsync(byte[] input)
    {
        if (_hub is null || ++_checks % ChecksOfAHub == 0)
        {
            await StartAsync();
        }

        TestClient client = await _hub!.ConnectAsAsync("ann");
        await client.SendAsync("""{"type":"join-room","room":"general"}""");
        await client.UntilAsync("joined-room");
        var outcomes = new List<string>();
        foreach (byte[] part in Split(input))
        {
            if (outcomes.LastOrDefault() == "half-closed")
            {
                break;
            }

            byte[] message = part;
            switch (part.FirstOrDefault())
            {
                case (byte)'>' or (byte)'<':
                    _hub.Time.StepDate(TimeSpan.FromHours(part[0] == (byte)'>' ? 1 : -1));
                    message = part[1..];
                    break;
                case (byte)'|':
                    await EndSendingAsync(client, part[1..]);
                    outcomes.Add("half-closed");
                    continue;
                default:
                    break;
            }

            string outcome = await SendAsync(client, message, outcomes.Count);
            outcomes.Add(outcome);
            if (outcome.StartsWith("closed", StringComparison.Ordinal))
            {
                break;
            }
        }

        await client.LoseAsync();
        _hub.Time.Advance(TimeSpan.FromMinutes(3)); // its session is over
        await TalkAsync();
        Require(
            !_log.Entries.Any(entry => entry.Level >= LogLevel.Warning),
            $"The log has a fault of ours: {_log.Entries.FirstOrDefault(entry => entry.Level >= LogLevel.Warning).Text}"
        );
        return string.Join(' ', outcomes.Order().Distinct());
    }

    // The connection may answer as it likes; the hub has to see an end, and the other clients must not suffer.
    private static async Task EndSendingAsync(TestClient client, byte[] message)
    {
        await client.SendAsync(message, MessageType.Text);
        client.HalfClose();
        await client.ClosedAsync();
    }

    private async Task StartAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        _log = new RecordingLoggerFactory();
        _hub = await TestHub.StartAsync(
            options =>
            {
                options.RateLimit = null;
                options.ByteRate = options.AddressByteRate = null;
                options.MaxContentBytes = MaxContent;
                options.MaxJsonDepth = MaxDepth;
                options.MaxRoomsPerSession = 8;
                options.Rooms.Default!.HistorySize = 5;
            },
            loggerFactory: _log
        );
        _hub.Hub.On("custom", _ => default);
        _other = await _hub.ConnectAsAsync("bob");
        await _other.SendAsync("""{"type":"join-room","room":"other"}""");
        await _other.UntilAsync("joined-room");
        _talked = 0;
    }

    private static IEnumerable<byte[]> Split(byte[] input)
    {
        var messages = new List<byte[]>();
        int start = 0;
        for (int at = 0; at <= input.Length && messages.Count < MostMessages; at++)
        {
            if (at == input.Length || input[at] == Separator)
            {
                messages.Add(input[start..at]);
                start = at + 1;
            }
        }

        return messages;
    }

    // The first byte of a message says whether it is sent as binary: '#' does.
    private static async Task<string> SendAsync(TestClient client, byte[] message, int number)
    {
        bool binary = message.Length != 0 && message[0] == (byte)'#';
        (string? type, string? id, string fault) = binary ? (null, null, "invalid-format") : Read(message);
        if (message.Length > MaxContent + LongwireHubOptions.EnvelopeBytes && fault != "utf8")
        {
            (type, id, fault) = (null, null, "too-large");
        }

        string end = $"end-of-{number}";
        var outcomes = new List<string>();
        try
        {
            await client.SendAsync(message, binary ? MessageType.Binary : MessageType.Text);
            await client.SendAsync($$"""{"type":"ping","id":"{{end}}"}""");
            while (true)
            {
                JsonElement answer = await client.NextAsync();
                if (answer.Text("type") == "pong" && answer.Has("id") && answer.Text("id") == end && id != end)
                {
                    break;
                }

                // News of another client: an earlier one of the same name that has just gone.
                if (answer.Text("type") is "user-joined" or "user-left")
                {
                    continue;
                }

                outcomes.Add(Judge(answer, type, id, fault));
                if (outcomes.Count > 300)
                {
                    throw new IllegalOutcomeException($"Answers without end to {type}");
                }
            }
        }
        catch (WebSocketClosedException closed)
        {
            bool legal =
                fault == "utf8"
                    ? closed.Status == CloseStatus.InvalidPayload
                    : type == "auth" && closed.Status == CloseStatus.PolicyViolation && closed.Reason == "Authentication failed";
            Require(legal, $"Closed with {(int)closed.Status} '{closed.Reason}' for {type ?? fault}");
            return $"closed {(int)closed.Status}";
        }

        Require(fault != "utf8", "What is no UTF-8 was taken");
        bool silent = outcomes.Count == 0;
        Require(!silent || (type is "direct" or "custom" && id is null), $"No answer to {type ?? fault}");
        return $"{type ?? fault}:{string.Join(',', outcomes.Distinct())}";
    }

    private static string Judge(JsonElement answer, string? type, string? id, string fault)
    {
        string kind = answer.Text("type") == "error" ? answer.Text("code") : answer.Text("type");
        string[] legal =
            type is null ? [fault]
            : _answers.TryGetValue(type, out string[]? own) ? own
            : ["unknown-type", "invalid-format"];
        Require(legal.Contains(kind), $"{kind} is no answer to {type ?? fault}");
        if (answer.Text("type") is "message" or "chat" or "direct" || (type == "auth" && kind == "left-room"))
        {
            return kind;
        }

        if (type is not null)
        {
            string? got = answer.Has("id") ? answer.Text("id") : null;
            Require(got == id, $"The id of the answer {kind} to {type} is another");
        }

        return kind;
    }

    // The document's rules for an envelope, by the base library's parser.
    private static (string? Type, string? Id, string Fault) Read(byte[] message)
    {
        if (!Utf8.IsValid(message))
        {
            return (null, null, "utf8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = MaxDepth });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return (null, null, "invalid-format");
            }

            // Of a field given twice the last counts, and that is what JsonDocument finds.
            if (!IsUnicode(root))
            {
                return (null, null, "invalid-format");
            }

            string? type = Text(root, "type", out _);
            string? id = Text(root, "id", out bool badId);
            return type is null || badId || id?.Length > 64 ? (null, null, "invalid-format") : (type, id, "");
        }
        catch (JsonException)
        {
            return (null, null, "invalid-json");
        }
    }

    private static string? Text(JsonElement root, string name, out bool bad)
    {
        bad = false;
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        bad = value.ValueKind != JsonValueKind.String;
        return bad ? null : value.GetString();
    }

    // The base library's parser refuses to give out half of a surrogate pair, as a name or a value.
    private static bool IsUnicode(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(static field => field.Name is not null && IsUnicode(field.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
                JsonValueKind.String => value.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // The other client's messages come back to it in order, whatever the first one did.
    private async Task TalkAsync()
    {
        string text = $"talk-{++_talked}";
        await _other.SendAsync($$"""{"type":"message","room":"other","content":"{{text}}","id":"{{text}}"}""");
        while (true)
        {
            JsonElement message = await _other.NextAsync();
            string type = message.Text("type");
            Require(type is "message" or "ack" or "chat" or "direct" or "user-joined" or "user-left", $"The other client got {type}");
            if (type == "message" && message.Text("userId") == "bob")
            {
                Require(
                    message.GetProperty("message").ValueKind == JsonValueKind.String && message.Text("message") == text,
                    "The other client's message came out of its order"
                );
            }
            else if (type == "ack")
            {
                Require(message.Text("id") == text, "The other client's ack is for another message");
                return;
            }
        }
    }
}
