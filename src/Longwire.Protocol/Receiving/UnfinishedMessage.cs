using System.Buffers;
using System.Runtime.CompilerServices;

namespace Longwire.Protocol;

/// <summary>
/// The part of a <see cref="MessageReceiver"/> that is there only while something has begun and not ended: a header that the end of the
/// input cut, a frame, a message in fragments or compressed. Between messages a connection has none, which keeps it small; so they
/// are pooled, a few for each thread.
/// </summary>
internal sealed partial class UnfinishedMessage
{
    // Streaming: a part is handed out when InflatedPartBytes have been inflated, and the inflater is fed at most CompressedPartBytes at a
    // time. Deflate expands at most about 1,000 times, which bounds what one step yields.
    private const int InflatedPartBytes = 16 << 10;
    private const int CompressedPartBytes = 256;

    // This many connections of a thread can be inside a message at once before the next one allocates.
    private const int MostPooled = 64;

    [ThreadStatic]
    private static Stack<UnfinishedMessage>? _pool;

    private ReceiverLimits _limits = ReceiverLimits.Default;
    private MessageAssembly _assembly; // the message so far, or the part of it that was not handed out
    private long _handedOut; // bytes of the open message that were handed out in parts
    private long _arrived; // bytes of the open message's payload as they came, and one for each fragment
    private int _fragments;
    private long _remaining; // bytes of the current frame's payload still to come
    private uint _maskingKey; // turned for the next of them
    private Utf8Validator _text;
    private HeaderBytes _header; // a header that the end of the input cut; a control frame's payload follows it
    private byte _headerLength;
    private byte[]? _control; // the payload of a control frame that the end of the input cut
    private byte _controlLength;
    private Opcode _opcode; // of the current frame
    private byte _message; // the type of the open message; 0 when none is open
    private bool _fin;
    private bool _assemblyHandedOut;
    private State _state;
    private bool _compressed; // whether the open message is
    private WebSocketRole _role;
    private PerMessageDeflate? _deflate;

    private bool IsMessageOpen => _message != 0;

    private enum State : byte
    {
        Header,
        Payload,
        Ended,
    }

    [InlineArray(FrameHeader.MaxLength)]
    private struct HeaderBytes
    {
        private byte _first;
    }

    /// <summary>Whether more bytes are owed by the peer.</summary>
    public bool IsUnfinished => IsMessageOpen || _headerLength != 0 || _state == State.Payload;

    /// <summary>Grows with what arrives of the open message, control frames aside.</summary>
    public long ArrivedBytes => _arrived;

    /// <summary>The memory that the message holds.</summary>
    public int HeldBytes => _assembly.Capacity;

    /// <summary>Whether a Close or an error has ended receiving.</summary>
    public bool IsEnded => _state == State.Ended;

    /// <summary>Takes one from the pool.</summary>
    public static UnfinishedMessage Rent(ReceiverLimits limits, WebSocketRole role, PerMessageDeflate? deflate)
    {
        if (_pool is null || !_pool.TryPop(out UnfinishedMessage? message))
        {
            message = new UnfinishedMessage();
        }

        message._limits = limits;
        message._role = role;
        message._deflate = deflate;
        return message;
    }

    /// <summary>Returns it to the pool, and its memory too.</summary>
    public void Return()
    {
        End();
        _state = State.Header;
        _text = default;
        _deflate = null;
        _pool ??= new Stack<UnfinishedMessage>();
        if (_pool.Count < MostPooled)
        {
            _pool.Push(this);
        }
    }

    /// <summary>Reads on until something is found or the input is used up.</summary>
    /// <param name="input">The bytes that have arrived; they are unmasked in place. On return the bytes not yet read.</param>
    /// <param name="received">The message, frame or error that was found. Its payload is valid until the next call.</param>
    /// <returns>The kind of what was found.</returns>
    public ReceivedKind Read(ref Span<byte> input, out Received received)
    {
        if (_assemblyHandedOut)
        {
            ReleaseAssembly();
        }

        if (_control is not null && _controlLength == 0)
        {
            ReleaseControl();
        }

        while (true)
        {
            switch (_state)
            {
                case State.Header:
                    if (input.IsEmpty)
                    {
                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    if (!TryReadHeader(ref input, out FrameHeader header, out ProtocolError error))
                    {
                        if (error.Status != 0)
                        {
                            return Fail(error, out received);
                        }

                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    error = Begin(header);
                    if (error.Status != 0)
                    {
                        return Fail(error, out received);
                    }

                    if (header.PayloadLength <= input.Length && TryReadWhole(header, ref input, out received))
                    {
                        return received.Kind;
                    }

                    _state = State.Payload;
                    break;

                case State.Payload:
                    if (input.IsEmpty && _remaining != 0)
                    {
                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    if (ReadPayload(ref input, out received) != ReceivedKind.Nothing)
                    {
                        return received.Kind;
                    }

                    break;

                default:
                    input = default;
                    received = default;
                    return ReceivedKind.Nothing;
            }
        }
    }

    /// <summary>
    /// Takes over the memory of the message that was just handed out, if it was assembled, so that it needn't be copied.
    /// </summary>
    /// <param name="array">
    /// An array of <see cref="ArrayPool{T}.Shared"/> that begins with the message's payload; the caller returns it.
    /// </param>
    /// <returns>False when the message lies in the input.</returns>
    public bool TryTakeAssembly(out byte[] array)
    {
        if (!_assemblyHandedOut)
        {
            array = [];
            return false;
        }

        _assemblyHandedOut = false;
        return _assembly.TryTake(out array);
    }

    /// <summary>Ends receiving and returns pooled memory. All further input is ignored.</summary>
    public void End()
    {
        _state = State.Ended;
        _message = 0;
        _arrived = 0;
        _headerLength = 0;
        ReleaseAssembly();
        ReleaseControl();
    }
}
