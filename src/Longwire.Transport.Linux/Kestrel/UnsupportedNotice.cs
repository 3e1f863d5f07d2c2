using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>Says at start-up why the transport that was asked for is not used.</summary>
internal sealed class UnsupportedNotice(ILoggerFactory loggers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.NotLinux(loggers.CreateLogger("Longwire.Transport"));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
