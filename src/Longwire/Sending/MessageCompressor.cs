using Longwire.Protocol;

namespace Longwire;

/// <summary>Compresses the messages of a connection where that was agreed on. Guarded by the connection's send lock.</summary>
internal static class MessageCompressor
{
    // One for each thread: what is in it is written on before the thread leaves the send lock.
    [ThreadStatic]
    private static OutputBuffer? _scratch;

    /// <summary>Compresses a message in its turn: with context takeover the next one refers to it.</summary>
    /// <param name="deflate">The agreed parameters of permessage-deflate; null for none.</param>
    /// <param name="payload">The message.</param>
    /// <param name="prepared">The message, when it was framed before.</param>
    /// <param name="compressed">The payload of the frame with RSV1, valid until this thread's next call.</param>
    /// <returns>False when the message goes as it is.</returns>
    public static bool TryCompress(
        PerMessageDeflate? deflate,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared,
        out ReadOnlySpan<byte> compressed
    )
    {
        compressed = default;
        if (deflate is null || !deflate.ShouldDeflate(payload.Length))
        {
            return false;
        }

        if (prepared is not null)
        {
            byte[]? form = prepared.Compressed(deflate.Settings);
            if (form is not null)
            {
                deflate.NoteForeignMessage();
            }

            compressed = form;
            return form is not null;
        }

        OutputBuffer scratch = _scratch ??= new OutputBuffer();
        long length = deflate.Deflate(payload, scratch);
        compressed = scratch.Written.Span;
        // Bytes that have entered the context must be sent, gain or not.
        return deflate.TakesContextOver || length < payload.Length;
    }

    /// <summary>Compresses a part of a message.</summary>
    /// <param name="deflate">The agreed parameters of permessage-deflate.</param>
    /// <param name="part">The part.</param>
    /// <param name="end">Whether the message ends with it.</param>
    /// <param name="flush">Whether the peer shall be able to read all of it now.</param>
    /// <returns>The payload of a fragment, possibly none yet; valid until this thread's next call.</returns>
    public static ReadOnlySpan<byte> CompressPart(PerMessageDeflate deflate, ReadOnlySpan<byte> part, bool end, bool flush)
    {
        OutputBuffer scratch = _scratch ??= new OutputBuffer();
        if (end)
        {
            deflate.Deflate(part, scratch);
        }
        else
        {
            deflate.DeflatePart(part, scratch, flush);
        }

        return scratch.Written.Span;
    }

    /// <summary>Returns this thread's memory, once what was compressed is written on: a large message must not stay in it.</summary>
    public static void Release() => _scratch?.Release();
}
