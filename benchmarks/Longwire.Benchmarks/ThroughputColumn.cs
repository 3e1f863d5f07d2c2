using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Longwire.Benchmarks;

/// <summary>Gigabytes (10^9) a second, for benchmarks with a parameter named <c>Bytes</c>: payload bytes of one operation.</summary>
internal sealed class ThroughputColumn : IColumn
{
    public string Id => nameof(ThroughputColumn);

    public string ColumnName => "GB/s";

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Payload bytes a nanosecond";

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => BytesOf(benchmark) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        BytesOf(benchmarkCase) is { } bytes && summary[benchmarkCase]?.ResultStatistics?.Mean is { } nanoseconds and > 0
            ? (bytes / nanoseconds).ToString("F2", CultureInfo.InvariantCulture)
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    private static int? BytesOf(BenchmarkCase benchmark) =>
        benchmark.Parameters.Items.FirstOrDefault(parameter => parameter.Name == "Bytes")?.Value as int?;
}
