using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using Perfolizer.Horology;

namespace Longwire.Benchmarks;

/// <summary>How long each benchmark runs, and which columns its table has.</summary>
internal sealed class BenchmarkPlan : ManualConfig
{
    /// <summary>Makes the plan.</summary>
    /// <param name="quick">One short iteration, to see that all benchmarks work.</param>
    public BenchmarkPlan(bool quick)
    {
        Job job = Job.Default.WithLaunchCount(1).WithIterationTime(TimeInterval.FromMilliseconds(quick ? 20 : 200));
        AddJob(quick ? job.WithWarmupCount(1).WithIterationCount(1) : job.WithWarmupCount(4).WithIterationCount(11));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(new ThroughputColumn());
        HideColumns(
            Column.Job,
            Column.Error,
            Column.StdDev,
            Column.Median,
            Column.RatioSD,
            Column.AllocRatio,
            Column.Gen0,
            Column.Gen1,
            Column.Gen2
        );
        AddExporter(MarkdownExporter.GitHub);
        AddLogger(ConsoleLogger.Default);
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared));
        WithOptions(ConfigOptions.DisableLogFile);
    }
}
