namespace Longwire.Cli.Bench;

/// <summary>A histogram on its way from one process to another.</summary>
/// <param name="Buckets">Index and count of each bucket that isn't empty, one behind the other.</param>
/// <param name="Sum">All durations together, in nanoseconds.</param>
/// <param name="Max">The longest, in nanoseconds.</param>
internal sealed record HistogramData(IReadOnlyList<long> Buckets, double Sum, long Max);
