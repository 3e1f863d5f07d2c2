using System.Buffers.Binary;

namespace Longwire.Game.Benchmarks;

/// <summary>
/// A player as the page is one: steers, and sends what was pressed for two steps in one message. It acknowledges what came, or nothing: then
/// the server shows it everything each time.
/// </summary>
internal sealed class Player(int number, bool acknowledges, bool isOfPeer) : WebSocketHandler
{
    private const string Room = "game:1";
    private const int HeaderBytes = 2 + 6 + 1;
    private readonly TaskCompletionSource _ready = new();
    private readonly byte[] _input = [1, (byte)Room.Length, .. "game:1"u8, 0, .. new byte[10]];
    private long _bytes;
    private long _frames;
    private uint _newest;
    private uint _inputs;

    /// <summary>Completes when it is in the game.</summary>
    public Task Ready => _ready.Task;

    public WebSocketConnection? Connection { get; set; }

    /// <summary>Bytes of frames that have come, with their headers.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Why it is of no use, or null.</summary>
    public string? Failure { get; private set; }

    public override void OnOpen(WebSocketConnection connection)
    {
        if (isOfPeer)
        {
            _ready.TrySetResult();
        }
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (type == MessageType.Binary)
        {
            Volatile.Write(ref _bytes, _bytes + payload.Length + (payload.Length < 126 ? 2 : 4));
            Volatile.Write(ref _frames, _frames + 1);
            _newest = isOfPeer ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(FrameOf(payload));
        }
        else if (payload.StartsWith("{\"type\":\"connected\""u8))
        {
            connection.TrySend("{\"type\":\"join-room\",\"room\":\"game:1\"}"u8, MessageType.Text);
        }
        else if (payload.StartsWith("{\"type\":\"joined-room\""u8))
        {
            _ready.TrySetResult();
        }
        else if (payload.StartsWith("{\"type\":\"error\""u8))
        {
            Failure = System.Text.Encoding.UTF8.GetString(payload);
        }
    }

    /// <summary>Presses keys for two steps.</summary>
    public void Steer()
    {
        Span<byte> input = _input.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(input, acknowledges ? _newest : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(input[4..], _inputs + 1);
        _inputs += 2;
        input[8] = input[9] = (byte)(1 << (int)((_inputs / 60) + number) % 4);
        Connection!.TrySend(_input, MessageType.Binary);
    }

    // 01 | n room | n userId | n username | n epoch | varint offset | n tag | 8 timestamp | payload; all but the room are empty for a frame.
    private static ReadOnlySpan<byte> FrameOf(ReadOnlySpan<byte> message)
    {
        int at = 1;
        for (int text = 0; text < 4; text++)
        {
            at += 1 + message[at];
        }

        at++;
        at += 1 + message[at];
        return message[(at + 8)..];
    }
}
