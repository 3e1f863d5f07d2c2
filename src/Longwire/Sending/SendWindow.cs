using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// Room in a transport's memory that the thread which works through a read fills with short frames, one behind the other, without asking
/// anybody for each. A thread has one, for one transport at a time.
/// </summary>
internal sealed unsafe class SendWindow
{
    [ThreadStatic]
    private static SendWindow? _window;

    private byte* _start;
    private byte* _at;
    private byte* _end;

    /// <summary>This thread's; null before it first opened one.</summary>
    public static SendWindow? OfThread => _window;

    /// <summary>Whose room it is; null for nobody's.</summary>
    public WebSocketTransport? Owner { get; private set; }

    /// <summary>Opens this thread's window, which nobody has, for a transport.</summary>
    public static void Open(WebSocketTransport owner, byte* room, int length)
    {
        SendWindow window = _window ??= new SendWindow();
        window.Owner = owner;
        window._start = window._at = room;
        window._end = room + length;
    }

    /// <summary>The header of a server's frame of at most 125 bytes, in the order of its bytes in memory (RFC 6455 §5.2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort ShortHeader(Opcode opcode, int length, bool fin, bool rsv1)
    {
        int first = (int)opcode | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0);
        return (ushort)(BitConverter.IsLittleEndian ? first | (length << 8) : (first << 8) | length);
    }

    /// <summary>Closes it.</summary>
    /// <returns>How many bytes were written.</returns>
    public int Close()
    {
        Owner = null;
        return (int)(_at - _start);
    }

    /// <summary>Writes a frame of a server, of a message that is short and whole.</summary>
    /// <returns>False where there is no room.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        byte* at = _at;
        if (_end - at < payload.Length + 2)
        {
            return false;
        }

        Unsafe.WriteUnaligned(at, ShortHeader(opcode, payload.Length, fin: true, rsv1: false));
        Unsafe.CopyBlockUnaligned(ref *(at + 2), ref MemoryMarshal.GetReference(payload), (uint)payload.Length);
        _at = at + 2 + payload.Length;
        return true;
    }
}
