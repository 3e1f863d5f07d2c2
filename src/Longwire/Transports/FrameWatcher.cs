using System.Buffers;
using Longwire.Protocol;

namespace Longwire;

/// <summary>Finds the frames in one direction's bytes, which come in pieces of any size, and shows them to an observer.</summary>
internal sealed class FrameWatcher(WebSocketConnection connection, IWebSocketFrameObserver observer, bool isSent)
{
    private readonly byte[] _header = new byte[FrameHeader.MaxLength];
    private int _headerLength;
    private long _payloadLeft;
    private bool _isOver;

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!_isOver && !bytes.IsEmpty)
        {
            if (_payloadLeft != 0)
            {
                int skipped = (int)Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            int added = Math.Min(_header.Length - _headerLength, bytes.Length);
            bytes[..added].CopyTo(_header.AsSpan(_headerLength));
            OperationStatus status = FrameHeader.TryRead(
                _header.AsSpan(0, _headerLength + added),
                out FrameHeader header,
                out int length,
                out _
            );
            if (status == OperationStatus.NeedMoreData)
            {
                _headerLength += added;
                return;
            }

            // The peer's fault: no frame can be told from what follows it.
            _isOver = status != OperationStatus.Done;
            if (!_isOver)
            {
                bytes = bytes[(length - _headerLength)..];
                _headerLength = 0;
                _payloadLeft = header.PayloadLength;
                Show(header);
            }
        }
    }

    private void Show(in FrameHeader header)
    {
        try
        {
            observer.OnFrame(connection, new(isSent, header.Opcode, header.Fin, header.Rsv1, header.PayloadLength));
        }
        catch (Exception)
        {
            // The observer's fault must not become the connection's.
            _isOver = true;
        }
    }
}
