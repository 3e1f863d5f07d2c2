using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Hosting;

namespace Longwire.Soak;

/// <summary>The transport of a soak's servers.</summary>
internal static class SoakTransportExtensions
{
    /// <summary>Has the server carry its connections by a transport.</summary>
    public static void UseTransport(this IWebHostBuilder web, SoakTransport transport)
    {
        if (transport != SoakTransport.Kestrel)
        {
            web.UseLongwireTransport(options => options.Loops.Kind = Enum.Parse<EventLoopKind>(transport.ToString()));
        }
    }
}
