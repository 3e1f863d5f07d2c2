using System.Buffers;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>Compares every reply of a connection with what was sent, byte by byte.</summary>
internal sealed class EchoVerifier(Script script, DeflateParameters? deflate) : PayloadObserver
{
    // Compressed replies are gathered. Where each is compressed by itself, equal bytes mean an equal message, so that one of each kind
    // is inflated and no more.
    private readonly ArrayBufferWriter<byte>? _wire = deflate is null ? null : new ArrayBufferWriter<byte>();
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly byte[]?[] _known = new byte[script.Kinds][];
    private MessageInflater? _inflater;

    /// <summary>Which message of the script the next reply belongs to.</summary>
    public int Kind { get; set; }

    public override void OnPayload(long offset, ReadOnlySpan<byte> piece)
    {
        if (_wire is not null)
        {
            _wire.Write(piece);
            return;
        }

        byte[] expected = script.Payload(Kind);
        if (offset + piece.Length > expected.Length || !piece.SequenceEqual(expected.AsSpan((int)offset, piece.Length)))
        {
            throw Wrong();
        }
    }

    /// <summary>A reply has ended.</summary>
    public void EndMessage(bool isCompressed)
    {
        if (_wire is null)
        {
            return;
        }

        Compare(_wire.WrittenSpan, isCompressed);
        _wire.ResetWrittenCount();
    }

    private static BenchFault Wrong() =>
        BenchFault.WrongReply("A reply isn't what was sent: it has a wrong byte, or one was lost, came twice or in another order.");

    private void Compare(ReadOnlySpan<byte> reply, bool isCompressed)
    {
        bool standsAlone = deflate!.ServerNoContextTakeover;
        if (isCompressed && standsAlone && _known[Kind] is { } known && reply.SequenceEqual(known))
        {
            return;
        }

        ReadOnlySpan<byte> plain = reply;
        if (isCompressed)
        {
            // The server may refer to its earlier messages where that was agreed on.
            _inflater ??= new MessageInflater(deflate.ServerMaxWindowBits, contextTakeover: !standsAlone);
            _plain.ResetWrittenCount();
            if (_inflater.Inflate(reply, endOfMessage: true, BenchOptions.MaxMessageBytes, _plain) != InflateStatus.Ok)
            {
                throw BenchFault.WrongReply("A reply can't be inflated.");
            }

            plain = _plain.WrittenSpan;
        }

        if (!plain.SequenceEqual(script.Payload(Kind)))
        {
            throw Wrong();
        }

        if (isCompressed && standsAlone)
        {
            _known[Kind] = reply.ToArray();
        }
    }
}
