using System.Buffers.Text;
using System.Text.Json;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// One client. A message begins with a hash and eight digits, which have to count up, whoever carries it and in whatever wrapping.
/// </summary>
internal sealed class Client(Crowd crowd, int number, Func<string>? join = null) : WebSocketHandler
{
    private readonly TaskCompletionSource _ready = new();

    private volatile int _heard;

    /// <summary>The number of what came last.</summary>
    public int Heard => _heard;

    public int Number => number;

    public WebSocketConnection? Connection { get; set; }

    /// <summary>Completes when it has joined.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The secret to come back by.</summary>
    public string Session { get; init; } = "";

    /// <summary>The contents of <c>connected</c>.</summary>
    public string NewSession { get; private set; } = "";

    /// <summary>The contents of <c>joined-room</c>.</summary>
    public JsonElement Joined { get; private set; }

    /// <summary>How many were told to have come or gone.</summary>
    public int Announced { get; private set; }

    /// <summary>Completes when it has left.</summary>
    public TaskCompletionSource Left { get; } = new();

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        int mark = payload.IndexOf((byte)'#');
        if (mark >= 0 && !payload.StartsWith("{\"type\":\"joined-room\""u8))
        {
            Utf8Parser.TryParse(payload.Slice(mark + 1, 8), out int said, out _);
            crowd.OnHeard(said, _heard == 0 ? said : _heard + 1);
            _heard = said;
        }
        else
        {
            OnOther(connection, payload);
        }
    }

    public override void OnOpen(WebSocketConnection connection)
    {
        if (join is null)
        {
            _ready.TrySetResult();
        }
    }

    private void OnOther(WebSocketConnection connection, ReadOnlySpan<byte> payload)
    {
        if (payload.StartsWith("{\"type\":\"connected\""u8))
        {
            using var connected = JsonDocument.Parse(payload.ToArray());
            NewSession = connected.RootElement.GetProperty("session").GetString()!;
            string first = join!();
            if (first.Length == 0)
            {
                _ready.TrySetResult();
            }

            Say(connection, first);
        }
        else if (payload.StartsWith("{\"type\":\"joined-room\""u8))
        {
            using var joined = JsonDocument.Parse(payload.ToArray());
            Joined = joined.RootElement.Clone();
            _ready.TrySetResult();
        }
        else if (payload.StartsWith("{\"type\":\"user-"u8))
        {
            Announced++;
        }
        else if (payload.StartsWith("{\"type\":\"left-room\""u8))
        {
            Left.TrySetResult();
        }
        else if (payload.StartsWith("{"u8))
        {
            crowd.Fail(new InvalidOperationException(System.Text.Encoding.UTF8.GetString(payload)));
        }
        else if (payload is [(byte)'0', ..])
        {
            Say(connection, "40"); // Engine.IO is open: connect to Socket.IO's namespace
        }
        else if (payload is [(byte)'2'])
        {
            Say(connection, "3"); // ping, pong
        }
        else if (payload.StartsWith("40"u8))
        {
            _ready.TrySetResult();
        }
    }

    private static void Say(WebSocketConnection connection, string text)
    {
        if (text.Length > 0)
        {
            connection.TrySend(System.Text.Encoding.UTF8.GetBytes(text), MessageType.Text);
        }
    }
}
