using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts Kestrel on Longwire's event loops.</summary>
public static class LongwireTransportExtensions
{
    /// <summary>
    /// Has Kestrel listen through Longwire's transport: HTTP works as before, and WebSockets on plain TCP can live on the loops
    /// alone. Where one of Kestrel's own limits of connections is set (<c>MaxConcurrentConnections</c>,
    /// <c>MaxConcurrentUpgradedConnections</c>) they stay with Kestrel, which has to count them; limits of the endpoints cost nothing. On
    /// other systems than 64-bit Linux this says so in the log at start-up and leaves Kestrel's default transport in place.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    public static IWebHostBuilder UseLongwireTransport(this IWebHostBuilder builder, Action<LongwireTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            if (!EventLoopGroup.IsSupported)
            {
                services.AddHostedService<UnsupportedNotice>();
                return;
            }

            services.AddSingleton(static provider => new EventLoopGroup(
                provider.GetRequiredService<IOptions<LongwireTransportOptions>>().Value.Loops,
                provider.GetRequiredService<ILoggerFactory>().CreateLogger("Longwire.Transport")
            ));
            // Of several factories Kestrel asks the one that was added last first.
            services.AddSingleton<IConnectionListenerFactory, LoopTransportFactory>();
        });
    }
}
