using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Longwire.Hubs;

/// <summary>Gives the host the time that the hub takes to drain.</summary>
internal sealed class DrainTime(IOptions<LongwireHubOptions> hub) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    public void PostConfigure(string? name, HostOptions options)
    {
        if (hub.Value.Drain is { } drain && options.ShutdownTimeout < drain.Timeout + _rest)
        {
            options.ShutdownTimeout = drain.Timeout + _rest;
        }
    }
}
