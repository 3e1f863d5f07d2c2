using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Longwire;

/// <summary>
/// Carries a connection's bytes: a shell that holds I/O and nothing of the protocol. It feeds
/// <see cref="WebSocketConnection.Receive"/> and takes what the connection writes into <see cref="Output"/>.
/// </summary>
/// <remarks>
/// The connection never writes to <see cref="Output"/> while a flush is under way, and never flushes twice at once.
/// The transport calls <see cref="WebSocketConnection.Receive"/>, <see cref="WebSocketConnection.ReceivingEnded"/> and
/// <see cref="WebSocketConnection.Ended"/> from one thread at a time, and nothing after <see cref="WebSocketConnection.Ended"/>. The peer's
/// end in good order ends receiving only: the transport goes on sending until <see cref="Close"/>.
/// </remarks>
internal abstract class WebSocketTransport
{
    /// <summary>The connection that this transport carries; set when the connection is made.</summary>
    protected internal WebSocketConnection Connection { get; internal set; } = null!;

    /// <summary>Where frames are written.</summary>
    protected internal abstract IBufferWriter<byte> Output { get; }

    /// <summary>The wheel that calls this connection's timer; null for the one that all pipes and streams share.</summary>
    protected internal virtual TimerWheel? Timers => null;

    /// <summary>Where the peer's bytes come from; null where the transport doesn't know.</summary>
    protected internal virtual EndPoint? RemoteEndPoint => null;

    /// <summary>Where they arrive; null where the transport doesn't know.</summary>
    protected internal virtual EndPoint? LocalEndPoint => null;

    /// <summary>Runs work on the one thread that carries this connection; null where there is no such thread.</summary>
    protected internal virtual PipeScheduler? Scheduler => null;

    /// <summary>Begins to carry: calls <see cref="WebSocketConnection.Opened"/>, then feeds what arrives. Called once.</summary>
    protected internal abstract void Start();

    /// <summary>
    /// Takes a frame behind what was written into <see cref="Output"/> before, where the transport can do so for less than that costs; a
    /// flush follows all the same. Called where <see cref="Output"/> may be written to.
    /// </summary>
    /// <param name="header">The frame's beginning.</param>
    /// <param name="payload">The rest of it. Both are valid during the call only.</param>
    /// <param name="inReceive">
    /// Whether this is called from inside of <see cref="WebSocketConnection.Receive"/>, and so on the transport's own thread.
    /// </param>
    /// <returns>False where nothing was taken: then the frame is written into <see cref="Output"/>.</returns>
    protected internal virtual bool TryWrite(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, bool inReceive) => false;

    /// <summary>
    /// Room behind what was written before, to be filled without further calls; <see cref="Commit"/> follows before anything else is
    /// written or flushed. Called only from inside of <see cref="WebSocketConnection.Receive"/>.
    /// </summary>
    /// <param name="length">How much there is, in bytes.</param>
    /// <returns>Memory that doesn't move; null where the transport has none to give.</returns>
    protected internal virtual unsafe byte* Reserve(out int length)
    {
        length = 0;
        return null;
    }

    /// <summary>Takes what was written into the room that <see cref="Reserve"/> gave.</summary>
    /// <param name="count">The number of bytes.</param>
    protected internal virtual void Commit(int count) { }

    /// <summary>
    /// Whether what was written from inside of <see cref="WebSocketConnection.Receive"/> wants a flush, which is asked at its end. False
    /// where the transport sends it by itself and keeps up: then <see cref="TryFlush"/> isn't called, and the output is free again at once.
    /// </summary>
    protected internal virtual bool NeedsFlush => true;

    /// <summary>Sends what was written into <see cref="Output"/>. Must not throw.</summary>
    /// <returns>
    /// True when all was taken and more may be written at once. False when it takes longer: then
    /// <see cref="WebSocketConnection.Flushed"/> is called when it is done, also after an error.
    /// </returns>
    protected internal abstract bool TryFlush();

    /// <summary>
    /// Feed again after a <see cref="WebSocketConnection.Receive"/> that did not take all. May come from any thread, also before the
    /// transport has begun to wait.
    /// </summary>
    protected internal abstract void ResumeReceiving();

    /// <summary>
    /// How far the peer has come with what was sent, where the transport can tell. Asked now and then while something waits; from the
    /// thread that turns <see cref="Timers"/>.
    /// </summary>
    /// <param name="taken">Bytes that the peer's side has acknowledged since the connection began.</param>
    /// <param name="waiting">Bytes that were flushed and that it has not acknowledged, about; 0 only when there are none.</param>
    /// <returns>False where it can't tell: then the end of a flush is all that shows progress.</returns>
    protected internal virtual bool TryGetPeerProgress(out long taken, out long waiting)
    {
        taken = waiting = 0;
        return false;
    }

    /// <summary>
    /// Ends the connection from this side. <see cref="WebSocketConnection.Ended"/> follows. May come from any thread, more than once.
    /// </summary>
    /// <param name="abort">False to end TCP in good order after what was flushed; true to end it at once.</param>
    protected internal abstract void Close(bool abort);
}
