using System.Buffers;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>
/// Compares the first replies of a connection byte by byte; all later ones are judged by their size, as comparing them would slow the
/// measurement.
/// </summary>
internal sealed class EchoVerifier(Script script, DeflateParameters? deflate) : PayloadObserver
{
    private readonly ArrayBufferWriter<byte>? _wire = deflate is null ? null : new ArrayBufferWriter<byte>();
    private MessageInflater? _inflater;
    private int _kind;

    public override void OnPayload(long offset, ReadOnlySpan<byte> piece)
    {
        if (_wire is not null)
        {
            _wire.Write(piece);
            return;
        }

        byte[] expected = script.Payload(_kind);
        if (offset + piece.Length > expected.Length || !piece.SequenceEqual(expected.AsSpan((int)offset, piece.Length)))
        {
            throw BenchFault.WrongReply("A connection's first reply isn't what was sent.");
        }
    }

    /// <summary>A message has ended.</summary>
    /// <returns>True when each message of the rotation was seen.</returns>
    public bool EndMessage(bool isCompressed)
    {
        if (_wire is not null)
        {
            CompareInflated(isCompressed);
            _wire.ResetWrittenCount();
        }

        bool done = ++_kind == script.Kinds;
        if (done)
        {
            _inflater?.Dispose();
        }

        return done;
    }

    private void CompareInflated(bool isCompressed)
    {
        ReadOnlySpan<byte> reply = _wire!.WrittenSpan;
        var plain = new ArrayBufferWriter<byte>();
        if (isCompressed)
        {
            // The server may refer to its earlier messages where that was agreed on.
            _inflater ??= new MessageInflater(deflate!.ServerMaxWindowBits, contextTakeover: !deflate.ServerNoContextTakeover);
            if (_inflater.Inflate(reply, endOfMessage: true, BenchOptions.MaxMessageBytes, plain) != InflateStatus.Ok)
            {
                throw BenchFault.WrongReply("A connection's first reply can't be inflated.");
            }

            reply = plain.WrittenSpan;
        }

        if (!reply.SequenceEqual(script.Payload(_kind)))
        {
            throw BenchFault.WrongReply("A connection's first reply isn't what was sent.");
        }
    }
}
