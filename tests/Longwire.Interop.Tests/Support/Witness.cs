using System.Net.WebSockets;
using System.Text;

namespace Longwire.Interop.Tests;

/// <summary>
/// Two connections of a well-behaved client, of another implementation, that stay open while somebody else misbehaves: one to the
/// echo, one in a room of the hub.
/// </summary>
internal sealed class Witness : IDisposable
{
    private const string Room = "witnesses";
    private readonly ClientWebSocket _echo = new();
    private readonly ClientWebSocket _hub = new();
    private int _number;

    public static async Task<Witness> ConnectAsync(LongwireServer server)
    {
        var witness = new Witness();
        using var timeOut = new CancellationTokenSource(Patience.Short);
        await witness._echo.ConnectAsync(new Uri(server["/echo"]), timeOut.Token);
        await witness._hub.ConnectAsync(new Uri(server["/ws"]), timeOut.Token);
        await SendAsync(witness._hub, """{"type":"auth","token":"valid-token","username":"witness"}""", timeOut.Token);
        await SendAsync(witness._hub, $$"""{"type":"join-room","room":"{{Room}}"}""", timeOut.Token);
        await ReceiveAsync(witness._hub, "joined-room", timeOut.Token);
        return witness;
    }

    /// <summary>Asserts that both connections still do what they are for.</summary>
    public async Task AssertUndisturbedAsync()
    {
        using var timeOut = new CancellationTokenSource(Patience.Short);
        string text = $"still here {++_number}";
        await SendAsync(_echo, text, timeOut.Token);
        await ReceiveAsync(_echo, text, timeOut.Token);
        await SendAsync(_hub, $$"""{"type":"message","room":"{{Room}}","content":"{{text}}"}""", timeOut.Token);
        await ReceiveAsync(_hub, text, timeOut.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _echo.Dispose();
        _hub.Dispose();
    }

    private static async Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellation) =>
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellation);

    private static async Task ReceiveAsync(ClientWebSocket socket, string text, CancellationToken cancellation)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), cancellation);
                Assert.NotEqual(WebSocketMessageType.Close, part.MessageType);
                length += part.Count;
            } while (!part.EndOfMessage);
            if (Encoding.UTF8.GetString(buffer, 0, length).Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
