using System.Net.Sockets;
using Longwire.Protocol;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>A session straight on a socket of an event loop: frames are prepared, and replies counted where they lie.</summary>
internal sealed class LoopLink(BenchSession session) : LoopSocketHandler, IBenchLink
{
    // A payload no larger than this is copied into the turn's one call; a larger one goes to the kernel from where it lies.
    private const int CopiedBytes = 16 << 10;

    private static readonly byte[] _closeFrame = Script.Frame(Opcode.Close, [0x03, 0xe8]);

    private LoopSocket _socket = null!;

    public int Send(Script script, ref int slot, ref int part, int count)
    {
        int run = Math.Min(count, script.Count - slot);
        int begin = script.Offsets[slot] + part;
        ReadOnlySpan<byte> bytes = script.Bytes.AsSpan(begin, script.Offsets[slot + run] - begin);
        int taken =
            bytes.Length > CopiedBytes ? _socket.Write(bytes)
            : _socket.Send(bytes) ? bytes.Length
            : 0;
        if (taken == bytes.Length)
        {
            slot += run;
            part = 0;
            if (slot == script.Count)
            {
                slot = 0;
            }

            return run;
        }

        int whole = 0;
        while (begin + taken >= script.Offsets[slot + 1])
        {
            slot++;
            whole++;
        }

        part = begin + taken - script.Offsets[slot];
        return whole;
    }

    public bool Send(Span<byte> payload, Opcode opcode)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxLength];
        int length = new FrameHeader(opcode, payload.Length, Script.MaskingKey).Write(header);
        Masking.Apply(payload, Script.MaskingKey);
        return _socket.Send(header[..length], payload);
    }

    public void Pong(ReadOnlySpan<byte> payload) => _socket.Send(Script.Frame(Opcode.Pong, payload));

    public void Pause(TimeSpan time)
    {
        _socket.PauseReceiving();
        _socket.SetTimer(time);
    }

    public void EndSending()
    {
        if (session.Run.Options.IsTcp)
        {
            _socket.EndSending();
        }
        else
        {
            _socket.Send(_closeFrame);
        }
    }

    public void Close() => _socket.Close();

    protected internal override void OnAttached(LoopSocket socket)
    {
        _socket = socket;
        session.Link = this;
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data) => session.Receive(data);

    protected internal override void OnWritable(LoopSocket socket) => session.OnWritable();

    protected internal override void OnTimer(LoopSocket socket) => socket.ResumeReceiving();

    protected internal override void OnFault(LoopSocket socket, Exception exception)
    {
        session.Run.Fail(exception);
        socket.Abort();
    }

    protected internal override void OnClosed(LoopSocket socket, SocketError error) => session.OnEnded();
}
