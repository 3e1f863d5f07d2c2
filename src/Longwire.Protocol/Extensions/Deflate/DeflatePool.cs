using System.Buffers;

namespace Longwire.Protocol;

/// <summary>
/// Compressors and decompressors that connections without context takeover share: rented for one message, reset and given back, never
/// made anew while there is one at rest. Thread-safe; no allocation when warm.
/// </summary>
/// <remarks>
/// A compressor is out for one call, so there are as many as there are threads compressing at once. A decompressor is out from a
/// message's first byte to its last, so a peer that starts a compressed message and stalls keeps one (42 KiB), and no more. Beyond what
/// the pool keeps at rest they are freed when they come back.
/// </remarks>
public sealed class DeflatePool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CompressorSettings, Stack<MessageDeflater>> _deflaters = [];
    private readonly Stack<MessageInflater> _inflaters = [];
    private bool _disposed;

    /// <summary>Creates a pool.</summary>
    /// <param name="budget">Counts the memory; <see langword="null"/> for one of its own with the default limit.</param>
    /// <param name="maxIdleDeflaters">How many compressors of equal settings are kept at rest. Default: one for each processor.</param>
    /// <param name="maxIdleInflaters">How many decompressors are kept at rest. Default: eight for each processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public DeflatePool(DeflateBudget? budget = null, int? maxIdleDeflaters = null, int? maxIdleInflaters = null)
    {
        Budget = budget ?? new DeflateBudget();
        MaxIdleDeflaters = DeflateArgument.InRange(
            maxIdleDeflaters ?? Environment.ProcessorCount,
            0,
            int.MaxValue,
            nameof(maxIdleDeflaters)
        );
        MaxIdleInflaters = DeflateArgument.InRange(
            maxIdleInflaters ?? 8 * Environment.ProcessorCount,
            0,
            int.MaxValue,
            nameof(maxIdleInflaters)
        );
    }

    /// <summary>The pool of the process, used where no other is given.</summary>
    public static DeflatePool Shared { get; } = new();

    /// <summary>Counts the memory of this pool's streams and of the connections that were made with it.</summary>
    public DeflateBudget Budget { get; }

    /// <summary>How many compressors of equal settings are kept at rest.</summary>
    public int MaxIdleDeflaters { get; }

    /// <summary>How many decompressors are kept at rest.</summary>
    public int MaxIdleInflaters { get; }

    /// <summary>
    /// Compresses one message that refers to nothing before it. Every peer whose agreed window is at least that of the settings can read
    /// the result; <see cref="PerMessageDeflate.NoteForeignMessage"/> tells what a connection with context takeover must heed.
    /// </summary>
    /// <param name="message">The whole message.</param>
    /// <param name="settings">Window, level and memory level.</param>
    /// <param name="output">Takes the compressed bytes.</param>
    /// <returns>How many bytes were written; possibly more than the message has.</returns>
    public long Deflate(ReadOnlySpan<byte> message, CompressorSettings settings, IBufferWriter<byte> output)
    {
        MessageDeflater deflater = RentDeflater(settings);
        try
        {
            return deflater.Deflate(message, output);
        }
        finally
        {
            Return(deflater);
        }
    }

    /// <summary>Frees the streams at rest. A rented stream is freed when it is returned.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Stack<MessageDeflater> idle in _deflaters.Values)
            {
                while (idle.TryPop(out MessageDeflater? deflater))
                {
                    deflater.Dispose();
                }
            }

            while (_inflaters.TryPop(out MessageInflater? inflater))
            {
                inflater.Dispose();
            }
        }
    }

    internal MessageDeflater RentDeflater(CompressorSettings settings)
    {
        lock (_lock)
        {
            if (_deflaters.TryGetValue(settings, out Stack<MessageDeflater>? idle) && idle.TryPop(out MessageDeflater? deflater))
            {
                return deflater;
            }
        }

        return new MessageDeflater(settings, contextTakeover: false) { Lease = Budget.Lease(settings.MemoryBytes) };
    }

    internal void Return(MessageDeflater deflater)
    {
        // When the output threw, half a message is left in the compressor. A whole message ends with a full flush, which resets it.
        if (deflater.InsideMessage)
        {
            deflater.Reset();
        }

        lock (_lock)
        {
            if (!_deflaters.TryGetValue(deflater.Settings, out Stack<MessageDeflater>? idle))
            {
                _deflaters.Add(deflater.Settings, idle = new Stack<MessageDeflater>());
            }

            if (!_disposed && idle.Count < MaxIdleDeflaters)
            {
                idle.Push(deflater);
                return;
            }
        }

        deflater.Dispose();
    }

    internal MessageInflater RentInflater(int windowBits)
    {
        MessageInflater? inflater;
        lock (_lock)
        {
            _inflaters.TryPop(out inflater);
        }

        if (inflater is null)
        {
            return new MessageInflater(windowBits, contextTakeover: false) { Lease = Budget.Lease(MessageInflater.MemoryBytes) };
        }

        inflater.Reset(windowBits);
        return inflater;
    }

    internal void Return(MessageInflater inflater)
    {
        lock (_lock)
        {
            if (!_disposed && _inflaters.Count < MaxIdleInflaters)
            {
                _inflaters.Push(inflater);
                return;
            }
        }

        inflater.Dispose();
    }
}
