using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Longwire.Transport.Linux;

/// <summary>Kestrel's way to this transport: listeners whose connections live on the event loops.</summary>
internal sealed class LoopTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly EventLoopGroup _group;
    private readonly LongwireTransportOptions _options;
    private readonly ILogger _logger;
    private readonly MemoryPool<byte> _memoryPool;
    private readonly bool _mayDetach;
    private readonly Dictionary<EventLoop, PipeOptions> _sending;
    private readonly Dictionary<EventLoop, PipeOptions> _receiving;

    public LoopTransportFactory(
        EventLoopGroup group,
        IOptions<LongwireTransportOptions> options,
        IOptions<KestrelServerOptions> kestrel,
        ILoggerFactory loggers,
        IMemoryPoolFactory<byte> memoryPools
    )
    {
        _group = group;
        _options = options.Value;
        _logger = loggers.CreateLogger("Longwire.Transport");
        _memoryPool = memoryPools.Create();
        // Kestrel counts what it holds: a connection that it lets go is none of its number any more.
        KestrelServerLimits limits = kestrel.Value.Limits;
        _mayDetach = limits.MaxConcurrentConnections is null && limits.MaxConcurrentUpgradedConnections is null;
        _sending = group.Loops.ToDictionary(loop => loop, SendingOptions);
        _receiving = group.Loops.ToDictionary(loop => loop, ReceivingOptions);
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or System.Net.Sockets.UnixDomainSocketEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var connections = new LoopConnectionListener();
        try
        {
            connections.Start(
                await LoopListener
                    .StartAsync(
                        _group,
                        endpoint,
                        loop =>
                            new LoopConnectionContext(_memoryPool, _receiving[loop], _sending[loop], _mayDetach, connections.Add).Handler,
                        _options.Listener,
                        _logger
                    )
                    .ConfigureAwait(false)
            );
        }
        catch (System.Net.Sockets.SocketException exception)
            when (exception.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }

        return connections;
    }

    private PipeOptions SendingOptions(EventLoop loop) =>
        new(
            _memoryPool,
            readerScheduler: loop.Scheduler,
            writerScheduler: HttpScheduler(loop),
            pauseWriterThreshold: _options.MaxWriteBufferBytes,
            resumeWriterThreshold: _options.MaxWriteBufferBytes / 2,
            useSynchronizationContext: false
        );

    private PipeOptions ReceivingOptions(EventLoop loop) =>
        new(
            _memoryPool,
            readerScheduler: HttpScheduler(loop),
            writerScheduler: loop.Scheduler,
            pauseWriterThreshold: _options.MaxReadBufferBytes,
            resumeWriterThreshold: _options.MaxReadBufferBytes / 2,
            useSynchronizationContext: false
        );

    private PipeScheduler HttpScheduler(EventLoop loop) => _options.UnsafeRunHttpOnLoops ? loop.Scheduler : PipeScheduler.ThreadPool;
}
