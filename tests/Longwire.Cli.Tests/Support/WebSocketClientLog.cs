namespace Longwire.Cli.Tests;

/// <summary>A client that keeps what it receives.</summary>
internal sealed class WebSocketClientLog : IAsyncDisposable
{
    private readonly WebSocketConnection _connection;
    private readonly List<string> _messages = [];
    private readonly SemaphoreSlim _more = new(0);
    private readonly Task _reading;

    private WebSocketClientLog(WebSocketConnection connection)
    {
        _connection = connection;
        _reading = ReadAsync();
    }

    public string[] Messages
    {
        get
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }
    }

    public static async Task<WebSocketClientLog> ConnectAsync(string address) => new(await WebSocketClient.ConnectAsync(new Uri(address)));

    public async Task SendAsync(string text) => await _connection.SendTextAsync(text);

    public async Task WaitForAsync(int count)
    {
        while (Messages.Length < count)
        {
            Assert.True(await _more.WaitAsync(Patience.Long), $"{Messages.Length} of {count} messages came: {string.Join(", ", Messages)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Abort();
        await _reading;
        _more.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (WebSocketMessage message in _connection.ReadAllAsync())
        {
            lock (_messages)
            {
                _messages.Add(message.Text);
            }

            _more.Release();
        }
    }
}
