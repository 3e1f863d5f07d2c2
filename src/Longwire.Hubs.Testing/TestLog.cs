using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Testing;

/// <summary>Remembers the newest exception that was logged, because a client is only told that something failed.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    private volatile Exception? _newest;

    public Exception? Newest => _newest;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _newest = exception ?? _newest;

    public void Dispose() { }
}
