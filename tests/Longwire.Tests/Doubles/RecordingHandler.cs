namespace Longwire.Tests;

/// <summary>Writes down the calls, and does in each what a test wants.</summary>
internal sealed class RecordingHandler : WebSocketHandler
{
    private readonly List<string> _calls = [];
    private int _inside;

    public Action<WebSocketConnection>? WhenOpen { get; set; }

    public Action<WebSocketConnection, string>? WhenMessage { get; set; }

    public Action<WebSocketConnection>? WhenClosed { get; set; }

    public string[] Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public override void OnOpen(WebSocketConnection connection) => Note("open", () => WhenOpen?.Invoke(connection));

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        string message = Transcript.Message(type, payload);
        Note(message, () => WhenMessage?.Invoke(connection, message));
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
        Note($"closed {(int)status} {reason}".TrimEnd(), () => WhenClosed?.Invoke(connection));

    private void Note(string call, Action action)
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        lock (_calls)
        {
            _calls.Add(call);
        }

        try
        {
            action();
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}
