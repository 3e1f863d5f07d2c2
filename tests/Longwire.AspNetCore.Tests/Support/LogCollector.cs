using System.Collections.Concurrent;

namespace Longwire.AspNetCore.Tests;

/// <summary>Keeps all that a server logs.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> _entries = [];
    private readonly ConcurrentQueue<(string Category, EventId Id, string Text)> _events = [];

    /// <summary>Everything, with its category and event id.</summary>
    public IReadOnlyList<(string Category, EventId Id, string Text)> Events => [.. _events];

    public IReadOnlyList<(LogLevel Level, string Text, Exception? Exception)> Errors =>
        [.. _entries.Where(static entry => entry.Level >= LogLevel.Error)];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() { }

    private sealed class Logger(LogCollector collector, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            collector._entries.Enqueue((logLevel, formatter(state, exception), exception));
            collector._events.Enqueue((category, eventId, formatter(state, exception)));
        }
    }
}
