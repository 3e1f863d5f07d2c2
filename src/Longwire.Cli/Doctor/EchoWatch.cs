namespace Longwire.Cli.Doctor;

/// <summary>
/// Sees whether a message of a certain length comes. It is called in the order in which things arrive: whatever came before a pong has been
/// seen when the ping has its answer.
/// </summary>
internal sealed class EchoWatch(int messageBytes) : WebSocketHandler
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Seen => _seen.Task;

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (messageBytes > 0 && payload.Length == messageBytes)
        {
            _seen.TrySetResult();
        }
    }
}
