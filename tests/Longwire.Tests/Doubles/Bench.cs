namespace Longwire.Tests;

/// <summary>One connection on a bench: a transport and a clock that the test turns, and a handler that writes down.</summary>
internal sealed class Bench
{
    public Bench(
        WebSocketRole role = WebSocketRole.Server,
        WebSocketConnectionOptions? options = null,
        bool pull = false,
        RecordingHandler? handler = null,
        ManualTimeProvider? time = null
    )
    {
        Time = time ?? new ManualTimeProvider();
        Handler = handler ?? new RecordingHandler();
        Connection = new WebSocketConnection(
            Transport,
            role,
            (options ?? new WebSocketConnectionOptions()) with
            {
                TimeProvider = Time,
            },
            pull ? null : Handler
        );
        Connection.Start();
    }

    public static TheoryData<WebSocketRole> Roles => [WebSocketRole.Server, WebSocketRole.Client];

    public ManualTimeProvider Time { get; }

    public ManualTransport Transport { get; } = new();

    public RecordingHandler Handler { get; }

    public WebSocketConnection Connection { get; }

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    public bool Send(string text) => Connection.TrySend(Wire.Utf8(text), MessageType.Text);

    public ValueTask SendAsync(string text, CancellationToken cancellation = default) =>
        Connection.SendAsync(Wire.Utf8(text), MessageType.Text, cancellation);

    /// <summary>The message that has come already; none has to be waited for.</summary>
    public WebSocketMessage ReadNow()
    {
        ValueTask<WebSocketMessage> read = Connection.ReadAsync();
        Assert.True(read.IsCompletedSuccessfully, "A message should have come.");
        return read.GetAwaiter().GetResult();
    }
}
