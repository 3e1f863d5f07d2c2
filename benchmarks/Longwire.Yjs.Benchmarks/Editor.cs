using System.Diagnostics;

namespace Longwire.Yjs.Benchmarks;

/// <summary>One client of the generator: counts what comes, and takes the time of what carries one.</summary>
internal sealed class Editor : WebSocketHandler
{
    /// <summary>Stands before a timestamp.</summary>
    public static ReadOnlySpan<byte> Mark => "@@"u8;

    public const int TimestampDigits = 16;

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<double>? _milliseconds;

    private readonly Action<string> _closed;

    public Editor(Action<string> closed, bool takesTime)
    {
        _closed = closed;
        _milliseconds = takesTime ? [] : null;
    }

    /// <summary>Sync step 1 of somebody who has nothing.</summary>
    public static byte[] Step1 { get; } = [0, 0, 1, 0];

    public bool IsClosing { get; set; }

    public WebSocketConnection Connection { get; set; } = null!;

    public Task Synced => _synced.Task;

    public long Updates { get; private set; }

    public long AwarenessChanges { get; private set; }

    public IReadOnlyList<double> Milliseconds => _milliseconds ?? [];

    public bool Measures { get; set; }

    public void Ask() => Connection.TrySend(Step1, MessageType.Binary);

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        switch (payload)
        {
            case [0, 1, ..]:
                _synced.TrySetResult();
                break;
            case [0, 2, ..]:
                Updates++;
                TakeTime(payload);
                break;
            case [1, ..]:
                AwarenessChanges += CountChanges(payload[1..]);
                break;
        }
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        if (!IsClosing)
        {
            _closed($"a connection was closed with {(int)status} {reason}");
        }
    }

    private void TakeTime(ReadOnlySpan<byte> payload)
    {
        int at = Measures && _milliseconds is not null ? payload.IndexOf(Mark) : -1;
        if (at >= 0)
        {
            ReadOnlySpan<byte> digits = payload.Slice(at + Mark.Length, TimestampDigits);
            long sent = long.Parse(digits, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            _milliseconds!.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
    }

    // A length, then how many.
    private static long CountChanges(ReadOnlySpan<byte> content)
    {
        int position = 0;
        ReadNumber(content, ref position);
        return ReadNumber(content, ref position);
    }

    private static long ReadNumber(ReadOnlySpan<byte> content, ref int position)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = content[position++];
            value |= (long)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }
}
