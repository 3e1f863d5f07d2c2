namespace Longwire.Yjs.Benchmarks;

/// <summary>The figures of one server, one for each round, and their medians.</summary>
internal sealed class Measures
{
    public List<(double PerCpuSecond, double Median, double P99)> Observed { get; } = [];

    public List<double> Shown { get; } = [];

    public List<(double CpuSeconds, double Seconds, double PeakOverDocument)> Joined { get; } = [];

    public double PerCpuSecond => Median(Observed.Select(static run => run.PerCpuSecond));

    public double MedianTime => Median(Observed.Select(static run => run.Median));

    public double P99Time => Median(Observed.Select(static run => run.P99));

    public double ShareOfCore => Median(Shown);

    public double JoinCpuSeconds => Median(Joined.Select(static run => run.CpuSeconds));

    public double JoinSeconds => Median(Joined.Select(static run => run.Seconds));

    public double JoinPeak => Median(Joined.Select(static run => run.PeakOverDocument));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
