using System.Buffers;

namespace Longwire.Transport.Linux;

/// <summary>Bytes from another thread, on their way to the loop.</summary>
internal sealed class SendWorkItem(LoopSocket socket, byte[] rented, int length) : LoopWorkItem
{
    protected internal override void Execute()
    {
        socket.Send(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
    }
}
