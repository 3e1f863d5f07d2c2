using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Hosting;

namespace Longwire.Testing;

internal static class ServerTransportExtensions
{
    public static IWebHostBuilder UseTransport(this IWebHostBuilder builder, ServerTransport transport) =>
        transport == ServerTransport.Kestrel
            ? builder
            : builder.UseLongwireTransport(options =>
            {
                options.Loops.Kind = transport == ServerTransport.Epoll ? EventLoopKind.Epoll : EventLoopKind.IoUring;
                // Two, whatever the machine: so that connections meet others of their own loop and of another.
                options.Loops.LoopCount = 2;
            });
}
