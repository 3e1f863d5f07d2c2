using System.Net.Sockets;
using Longwire.Protocol;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>
/// A socket that closes as soon as it is open: a Close frame, then it is the server's part to end TCP, so that the waiting ports
/// (TIME_WAIT) are not this side's.
/// </summary>
internal sealed class StormSocket(bool isTcp) : LoopSocketHandler
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly byte[] _closeFrame = Script.Frame(Opcode.Close, [0x03, 0xe8]);

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Closed => _closed.Task;

    protected internal override void OnAttached(LoopSocket socket)
    {
        if (isTcp)
        {
            socket.EndSending();
        }
        else
        {
            socket.Send(_closeFrame);
        }

        socket.SetTimer(_patience);
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data)
    {
        // The server's Close frame, or what it had to say before it.
    }

    protected internal override void OnTimer(LoopSocket socket) => socket.Abort();

    protected internal override void OnClosed(LoopSocket socket, SocketError error) => _closed.TrySetResult();
}
