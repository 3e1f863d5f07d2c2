using Microsoft.Extensions.Logging;

namespace Longwire.Soak;

/// <summary>Counts what is logged as an error, and shows it.</summary>
internal sealed class ErrorCounter : ILoggerProvider, ILogger
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        Interlocked.Increment(ref _count);
        Console.Error.WriteLine($"server: {formatter(state, exception)} {exception}");
    }

    public void Dispose() { }
}
