using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// A buffer and a JSON writer, one kept per thread. Rent, write an object, take <see cref="Written"/>, dispose. The bytes are
/// valid until then.
/// </summary>
internal sealed class JsonBuffer : IDisposable
{
    private const int InitialBytes = 1024;

    /// <summary>A buffer that one large message made larger than this is not kept.</summary>
    private const int MaxKeptBytes = 128 * 1024;

    [ThreadStatic]
    private static JsonBuffer? _kept;

    private readonly ArrayBufferWriter<byte> _bytes = new(InitialBytes);

    private JsonBuffer()
    {
        // Relaxed, because what we write never lands in HTML as it is; SkipValidation, because only our own code writes.
        Writer = new Utf8JsonWriter(
            _bytes,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }
        );
    }

    public Utf8JsonWriter Writer { get; }

    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _bytes.WrittenSpan;
        }
    }

    /// <summary>Takes the thread's buffer, or a new one when it is in use, and begins an object of the type given.</summary>
    public static JsonBuffer Rent(ReadOnlySpan<byte> type)
    {
        JsonBuffer buffer = Begin();
        buffer.Writer.WriteStartObject();
        buffer.Writer.WriteString("type"u8, type);
        return buffer;
    }

    /// <summary>Takes the thread's buffer, or a new one when it is in use, with nothing in it.</summary>
    public static JsonBuffer Begin()
    {
        JsonBuffer buffer = _kept ?? new JsonBuffer();
        _kept = null;
        return buffer;
    }

    /// <summary>Ends the object, and returns all of it.</summary>
    public ReadOnlySpan<byte> End()
    {
        Writer.WriteEndObject();
        return Written;
    }

    public void Dispose()
    {
        if (_bytes.Capacity > MaxKeptBytes)
        {
            return;
        }

        _bytes.ResetWrittenCount();
        Writer.Reset();
        _kept = this;
    }
}
