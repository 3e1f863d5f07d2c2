namespace Longwire.Cli.Bench;

/// <summary>A part of a measurement, in this process or in another.</summary>
internal interface IBenchWorker : IAsyncDisposable
{
    /// <summary>Messages that it has completed so far, for those who watch.</summary>
    long Completed { get; }

    /// <summary>Opens its connections.</summary>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Measures; see <see cref="BenchRun.MeasureAsync"/>.</summary>
    Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt);
}
