using System.Text.Unicode;

namespace Longwire.Conformance;

/// <summary>Puts the peer's frames together to messages, and says which rule a frame breaks. One for each connection.</summary>
internal sealed class MessageCollector(bool suiteIsClient, DeflateAgreement? deflate)
{
    private readonly InflateDecoder? _inflater = deflate is null ? null : new(deflate.PeerWindowBits, deflate.PeerNoContextTakeover);
    private readonly MemoryStream _message = new();
    private byte _opcode;
    private bool _compressed;

    /// <summary>Payload is thrown away: a message is seen as an empty one.</summary>
    public bool Discard { get; set; }

    /// <summary>The fault of a frame's header, or null.</summary>
    public string? FaultIn(in ReceivedFrame frame)
    {
        bool compressible = _inflater is not null && frame.Opcode is WireFrame.Text or WireFrame.Binary;
        if ((frame.Rsv & (compressible ? 3 : 7)) != 0)
        {
            return $"The peer sent a frame with RSV={frame.Rsv} (RFC 6455 §5.2).";
        }

        if (frame.Opcode is (> WireFrame.Binary and < WireFrame.Close) or > WireFrame.Pong)
        {
            return $"The peer sent a frame with the reserved opcode {frame.Opcode}.";
        }

        if (frame.Masked == suiteIsClient)
        {
            return suiteIsClient ? "The server masked a frame (RFC 6455 §5.1)." : "The client did not mask a frame (RFC 6455 §5.1).";
        }

        if (!frame.MinimalLength)
        {
            return "The peer sent a length that is not in the shortest form (RFC 6455 §5.2).";
        }

        if (frame.IsControl && (!frame.Fin || frame.Payload.Length > 125))
        {
            return "The peer sent a control frame in fragments or above 125 octets (RFC 6455 §5.5).";
        }

        if (frame.Opcode == WireFrame.Continuation && _opcode == 0)
        {
            return "The peer sent a continuation without a message (RFC 6455 §5.4).";
        }

        if (frame.Opcode is WireFrame.Text or WireFrame.Binary && _opcode != 0)
        {
            return "The peer began a message within a message (RFC 6455 §5.4).";
        }

        return null;
    }

    /// <summary>Takes a data frame.</summary>
    /// <returns>The message, when it is whole.</returns>
    public PeerEvent? Take(in ReceivedFrame frame, out string? fault)
    {
        fault = null;
        if (frame.Opcode != WireFrame.Continuation)
        {
            _opcode = frame.Opcode;
            _compressed = (frame.Rsv & 4) != 0;
            _message.SetLength(0);
        }

        if (_message.Length + frame.Payload.Length > FrameDecoder.MaxPayloadBytes)
        {
            fault = $"The peer's message has more than {FrameDecoder.MaxPayloadBytes} octets.";
            return null;
        }

        bool whole = frame.Opcode != WireFrame.Continuation && frame.Fin;
        if (!Discard && !whole)
        {
            _message.Write(frame.Payload);
        }

        if (!frame.Fin || _opcode == 0)
        {
            return null;
        }

        PeerEventKind kind = _opcode == WireFrame.Text ? PeerEventKind.Text : PeerEventKind.Binary;
        _opcode = 0;
        if (Discard)
        {
            return new(kind, []);
        }

        byte[] payload = whole ? frame.Payload : _message.ToArray();
        if (_compressed && _inflater is not null)
        {
            byte[]? inflated = _inflater.Inflate(payload, FrameDecoder.MaxPayloadBytes);
            if (inflated is null)
            {
                fault = $"The peer's compressed message is wrong. {_inflater.Fault}";
            }

            payload = inflated ?? [];
        }

        if (kind == PeerEventKind.Text && !Utf8.IsValid(payload))
        {
            fault ??= "The peer sent a text message that is not UTF-8 (RFC 6455 §8.1).";
        }

        return new(kind, payload);
    }
}
