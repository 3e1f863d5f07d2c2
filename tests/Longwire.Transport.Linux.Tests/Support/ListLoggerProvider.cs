using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Has all of a server log into one list.</summary>
internal sealed class ListLoggerProvider(ListLogger logger) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void Dispose() { }
}
