using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Longwire;

/// <summary>Shows an observer the frames that pass through another transport.</summary>
internal sealed class ObservedTransport : WebSocketTransport
{
    private readonly WebSocketTransport _inner;
    private readonly FrameWatcher _received;
    private readonly FrameWatcher _sent;
    private readonly WatchedOutput _output;
    private int _seenAhead; // bytes that were seen, and not taken yet: they are fed again

    public ObservedTransport(WebSocketTransport inner, WebSocketConnection connection, IWebSocketFrameObserver observer)
    {
        _inner = inner;
        Connection = connection;
        _received = new FrameWatcher(connection, observer, isSent: false);
        _sent = new FrameWatcher(connection, observer, isSent: true);
        _output = new WatchedOutput(this);
    }

    protected internal override IBufferWriter<byte> Output => _output;

    protected internal override TimerWheel? Timers => _inner.Timers;

    protected internal override EndPoint? RemoteEndPoint => _inner.RemoteEndPoint;

    protected internal override EndPoint? LocalEndPoint => _inner.LocalEndPoint;

    protected internal override PipeScheduler? Scheduler => _inner.Scheduler;

    protected internal override bool NeedsFlush => _inner.NeedsFlush;

    /// <summary>Bytes have arrived, which the connection has not looked at yet.</summary>
    public void Arrived(ReadOnlySpan<byte> input)
    {
        _received.Pass(input[_seenAhead..]);
        _seenAhead = 0;
    }

    /// <summary>The connection pauses and leaves so many of those that arrived.</summary>
    public void Left(int count) => _seenAhead = count;

    protected internal override void Start() => _inner.Start();

    protected internal override bool TryWrite(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, bool inReceive)
    {
        if (!_inner.TryWrite(header, payload, inReceive))
        {
            return false;
        }

        _sent.Pass(header);
        _sent.Pass(payload);
        return true;
    }

    protected internal override bool TryFlush() => _inner.TryFlush();

    protected internal override void ResumeReceiving() => _inner.ResumeReceiving();

    protected internal override bool TryGetPeerProgress(out long taken, out long waiting) =>
        _inner.TryGetPeerProgress(out taken, out waiting);

    protected internal override void Close(bool abort) => _inner.Close(abort);

    private sealed class WatchedOutput(ObservedTransport transport) : IBufferWriter<byte>
    {
        private Memory<byte> _room;

        public void Advance(int count)
        {
            transport._sent.Pass(_room.Span[..count]);
            _room = default;
            transport._inner.Output.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _room = transport._inner.Output.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
