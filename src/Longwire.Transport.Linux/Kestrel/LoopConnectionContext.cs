using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.Transport.Linux;

/// <summary>A connection as Kestrel sees it. It is all of Kestrel's that refers to the socket, until it is detached.</summary>
internal sealed class LoopConnectionContext
    : ConnectionContext,
        IConnectionIdFeature,
        IConnectionTransportFeature,
        IConnectionItemsFeature,
        IConnectionLifetimeFeature,
        IConnectionEndPointFeature,
        IMemoryPoolFeature,
        ILoopConnectionFeature,
        IDetachFeature
{
    private static long _lastId;

    private readonly CancellationTokenSource _closed = new();
    private readonly Action<LoopConnectionContext> _accepted;
    private readonly PipeSocketHandler _handler;
    private readonly IDuplexPipe _transport;
    private LoopSocket _socket = null!;
    private string? _id;
    private IDictionary<object, object?>? _items;
    private readonly bool _mayDetach;
    private volatile bool _detached;

    public LoopConnectionContext(
        MemoryPool<byte> memoryPool,
        PipeOptions receiving,
        PipeOptions sending,
        bool mayDetach,
        Action<LoopConnectionContext> accepted
    )
    {
        MemoryPool = memoryPool;
        _mayDetach = mayDetach;
        _accepted = accepted;
        _handler = new PipeSocketHandler(this, receiving, sending);
        Transport = _transport = _handler.Application;
        ConnectionClosed = _closed.Token;
        var features = new FeatureCollection(10);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<ILoopConnectionFeature>(this);
        features.Set<IDetachFeature>(this);
        Features = features;
    }

    public override string ConnectionId
    {
        get => _id ??= $"L{Interlocked.Increment(ref _lastId):X8}";
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public MemoryPool<byte> MemoryPool { get; }

    public EventLoop Loop => _socket.Loop;

    public bool CanDetach => _mayDetach && !_detached && ReferenceEquals(Transport, _transport);

    /// <summary>The handler that is put on the loop.</summary>
    public LoopSocketHandler Handler => _handler;

    public Task<LoopSocket?> DetachAsync(LoopSocketHandler handler) => DetachAsync(handler, state: null);

    private Task<LoopSocket?> DetachAsync(LoopSocketHandler handler, object? state)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return CanDetach
            ? _handler.DetachAsync(handler, state)
            : throw new InvalidOperationException(
                "The connection can't be detached: it was detached before, its bytes go through a middleware, or Kestrel has to count it."
            );
    }

    WebSocketTransport IDetachFeature.CreateTransport() => new LoopTransport(_socket);

    async Task<bool> IDetachFeature.DetachAsync(WebSocketTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return await DetachAsync(WebSocketSocketHandler.Instance, transport).ConfigureAwait(false) is not null;
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // A detached socket is no concern of Kestrel's any more.
        if (!_detached)
        {
            _handler.Abort(abortReason);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _transport.Input.Complete();
        _transport.Output.Complete();
        await _handler.Sent.ConfigureAwait(false);
    }

    /// <summary>On the loop, before the first byte: now there is a socket, and Kestrel may have the connection.</summary>
    public void OnAttached(LoopSocket socket)
    {
        _socket = socket;
        // At once, for a descriptor that was closed may name another connection later.
        RemoteEndPoint = socket.RemoteEndPoint;
        LocalEndPoint = socket.LocalEndPoint;
        _accepted(this);
    }

    public void OnDetached() => _detached = true;

    /// <summary>
    /// The token's callbacks are Kestrel's and the application's, and none of them may run on the loop. HTTP hears by them that the
    /// connection is lost before it hears of the error: so a request that fails with it passes for aborted, not for faulty.
    /// </summary>
    public void OnClosed(Exception? error) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static state =>
            {
                state.Context._closed.Cancel();
                state.Context._handler.CompleteReceiving(state.Error);
            },
            (Context: this, Error: error),
            preferLocal: false
        );
}
