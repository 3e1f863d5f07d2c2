using System.Diagnostics;

namespace Longwire;

/// <summary>
/// Judges whether bytes go on at a least rate: a bucket of time that begins with a grace, that each byte fills, and that empties as time
/// passes. It has no clock: it is shown a position, in bytes, now and then. Mutable: keep it in a field, don't copy it.
/// </summary>
internal struct DataRateMeter
{
    /// <summary>How long bytes may stand still at first, in milliseconds.</summary>
    public const long GraceMilliseconds = 10_000;

    /// <summary>
    /// The most time that bytes buy ahead. Kernels bundle what they acknowledge, so a slow peer's bytes come by the kilobyte; but a fast
    /// beginning must not buy hours of standing still.
    /// </summary>
    public const long MostCreditMilliseconds = 60_000;

    private long _position;
    private long _deadline;
    private bool _running;

    /// <summary>When bytes were last seen to have gone on, or the measuring began.</summary>
    public long LastProgress { get; private set; }

    /// <summary>Bytes since the measuring began.</summary>
    public long Progress { get; private set; }

    /// <summary>When the measuring began.</summary>
    public long Began { get; private set; }

    public readonly bool IsRunning => _running;

    /// <summary>Begins to measure.</summary>
    public void Start(long position, long now, long grace = GraceMilliseconds)
    {
        _running = true;
        _position = position;
        _deadline = now + grace;
        Began = LastProgress = now;
        Progress = 0;
    }

    /// <summary>Nothing is owed any more.</summary>
    public void Stop() => _running = false;

    /// <summary>The time in which bytes stood still for a good reason doesn't count.</summary>
    public void Excuse(long now) => _deadline = Math.Max(_deadline, now + GraceMilliseconds);

    /// <summary>Notes how far the bytes have come.</summary>
    /// <param name="position">So far; a lower one than before is the position of something new.</param>
    /// <param name="now">The time in milliseconds.</param>
    /// <param name="bytesPerSecond">The least rate; 0 for none.</param>
    /// <returns>False when they go more slowly than the rate.</returns>
    public bool Observe(long position, long now, int bytesPerSecond)
    {
        Debug.Assert(_running, "A meter is started first.");
        if (position != _position)
        {
            long bytes = position > _position ? position - _position : position;
            _position = position;
            Progress += bytes;
            LastProgress = now;
            if (bytesPerSecond != 0)
            {
                _deadline = Math.Min(_deadline + (bytes * 1000 / bytesPerSecond), now + MostCreditMilliseconds);
            }
        }

        return bytesPerSecond == 0 || now < _deadline;
    }
}
