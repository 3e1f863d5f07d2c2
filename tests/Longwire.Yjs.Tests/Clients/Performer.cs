using System.Collections.Concurrent;
using System.Text.Json;

namespace Longwire.Yjs.Tests;

/// <summary>A real client, in a browser or in Node, in which a test runs code; see <c>peers/performer.js</c>.</summary>
internal sealed class Performer
{
    private readonly TaskCompletionSource<WebSocketConnection> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private int _lastId;

    /// <summary>Runs code with <c>editor</c> in its scope and returns its value.</summary>
    public async Task<JsonElement> RunAsync(string code)
    {
        WebSocketConnection connection = await _connected.Task.WaitAsync(Patience.Long);
        int id = Interlocked.Increment(ref _lastId);
        TaskCompletionSource<JsonElement> asked = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await connection.SendTextAsync(JsonSerializer.Serialize(new { id, code }));
        return await asked.Task.WaitAsync(Patience.Long);
    }

    /// <summary>Runs code until its value, as JSON, is the expected one.</summary>
    public async Task UntilAsync(string code, string expected)
    {
        string last = "";
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < Patience.Long.TotalMilliseconds; )
        {
            last = (await RunAsync(code)).GetRawText();
            if (last == expected)
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail($"{code}: {last}, not {expected}");
    }

    /// <summary>Serves the client's connection.</summary>
    public async Task RunAsync(WebSocketConnection connection)
    {
        _connected.TrySetResult(connection);
        await foreach (WebSocketMessage message in connection.ReadAllAsync())
        {
            JsonElement answer = JsonDocument.Parse(message.Text).RootElement;
            TaskCompletionSource<JsonElement> asked = _asked[answer.GetProperty("id").GetInt32()];
            if (answer.TryGetProperty("error", out JsonElement error))
            {
                asked.SetException(new InvalidOperationException(error.GetString()));
            }
            else
            {
                asked.SetResult(answer.GetProperty("value"));
            }
        }
    }
}
