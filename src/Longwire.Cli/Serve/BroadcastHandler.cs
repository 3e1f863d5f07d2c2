using System.Collections.Immutable;

namespace Longwire.Cli.Serve;

/// <summary>
/// Sends each message to everybody who is connected, the sender included; framed once. A connection that reads too slowly is closed with a
/// status that says so.
/// </summary>
internal sealed class BroadcastHandler : WebSocketHandler
{
    private ImmutableHashSet<WebSocketConnection> _members = [];

    // The list walked for every message: made anew when somebody has come or gone, not before it is needed.
    private WebSocketConnection[]? _array;

    public override void OnOpen(WebSocketConnection connection)
    {
        ImmutableInterlocked.Update(ref _members, static (members, member) => members.Add(member), connection);
        _array = null;
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        var message = new PreparedMessage(payload, type);
        foreach (WebSocketConnection member in Members())
        {
            member.TrySend(message);
        }
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        ImmutableInterlocked.Update(ref _members, static (members, member) => members.Remove(member), connection);
        _array = null;
    }

    private WebSocketConnection[] Members()
    {
        WebSocketConnection[]? array = Volatile.Read(ref _array);
        if (array is not null)
        {
            return array;
        }

        ImmutableHashSet<WebSocketConnection> members = _members;
        array = [.. members];
        _array = array;
        // Somebody came or went while the array was made, and may have cleared it too early.
        if (members != Volatile.Read(ref _members))
        {
            _array = null;
        }

        return array;
    }
}
