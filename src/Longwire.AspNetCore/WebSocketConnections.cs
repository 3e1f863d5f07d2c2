using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace Longwire.AspNetCore;

/// <summary>
/// All WebSocket connections of the application. It counts them, and when the host stops it closes them with 1001, waits
/// a moment for the peers' answers, and then ends what is left, so that the host stops in time. Thread safe.
/// </summary>
public sealed class WebSocketConnections : IDisposable, IWebSocketHost
{
    /// <summary>
    /// The name of the meter: <c>longwire.connections.active</c>, <c>.opened</c>, <c>.refused</c>, <c>.closed</c>, <c>.aborted</c>,
    /// <c>longwire.memory.used</c>.
    /// </summary>
    public const string MeterName = "Longwire";

    /// <summary>
    /// The name of the <see cref="ActivitySource"/>: a span for each connection, from its handshake to its end, a child of the request's.
    /// </summary>
    public const string ActivitySourceName = "Longwire";

    // Long enough for a round trip around the world, short enough for somebody who waits for Ctrl-C.
    private static readonly TimeSpan _stoppingGrace = TimeSpan.FromSeconds(1);

    private readonly ConnectionTable _connections = new();
    private readonly Lock _lock = new();
    private readonly Meter _meter;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _aborted;
    private readonly CancellationTokenRegistration _stopping;
    private ITimer? _grace;
    private int _open;
    private long _openedSoFar;
    private bool _isStopping;

    /// <summary>Made by dependency injection.</summary>
    /// <param name="lifetime">Tells when the host stops.</param>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public WebSocketConnections(IHostApplicationLifetime lifetime, IMeterFactory meters, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(lifetime);
        ArgumentNullException.ThrowIfNull(meters);
        Time = time ?? TimeProvider.System;
        _meter = meters.Create(MeterName);
        _opened = _meter.CreateCounter<long>("longwire.connections.opened", "{connection}", "Handshakes that were accepted.");
        _refused = _meter.CreateCounter<long>(
            "longwire.connections.refused",
            "{connection}",
            "Handshakes that were refused, by HTTP status."
        );
        _closed = _meter.CreateCounter<long>(
            "longwire.connections.closed",
            "{connection}",
            "Connections that have ended, by the close status: the peer's, or this side's where it failed the connection; 1006 for none."
        );
        _aborted = _meter.CreateCounter<long>(
            "longwire.connections.aborted",
            "{connection}",
            "Connections that were ended at once, by cause: those of peers that are dead or too slow, or over the memory budget."
        );
        _meter.CreateObservableUpDownCounter(
            "longwire.memory.used",
            () => MemoryBudget.Shared.UsedBytes,
            "By",
            "Memory that unfinished messages, and what waits to be sent, hold of the process's budget."
        );
        _meter.CreateObservableUpDownCounter("longwire.connections.active", () => Count, "{connection}", "Connections that are open now.");
        _stopping = lifetime.ApplicationStopping.Register(CloseAll);
    }

    /// <summary>How many are open now. One that is closed counts no more when its handler hears of it.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _open;
            }
        }
    }

    /// <summary>How many have been opened so far, those included that are closed again.</summary>
    public long Opened
    {
        get
        {
            lock (_lock)
            {
                return _openedSoFar;
            }
        }
    }

    /// <summary>Whether the host is stopping: handshakes are refused with 503.</summary>
    public bool IsStopping
    {
        get
        {
            lock (_lock)
            {
                return _isStopping;
            }
        }
    }

    /// <summary>All that are open now, a copy.</summary>
    public IReadOnlyCollection<WebSocketConnection> ToArray() =>
        Array.FindAll(NotCompleted(), static connection => connection.State != WebSocketPhase.Closed);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _grace?.Dispose();
        _meter.Dispose();
    }

    internal TimeProvider Time { get; }

    /// <summary>Which connections somebody else closes when the host stops; null for none.</summary>
    internal Func<WebSocketConnection, bool>? IsLeftAlone { get; set; }

    internal void Add(WebSocketConnection connection)
    {
        bool stopping;
        lock (_lock)
        {
            _connections.Add(connection);
            _open++;
            _openedSoFar++;
            stopping = _isStopping;
        }

        _opened.Add(1);
        if (stopping)
        {
            connection.TryClose(CloseStatus.GoingAway, "Going away");
        }
    }

    /// <summary>Those too that are closed, while their handler's <see cref="WebSocketHandler.OnClose"/> may still be at work.</summary>
    internal WebSocketConnection[] NotCompleted()
    {
        lock (_lock)
        {
            return _connections.ToArray();
        }
    }

    internal void OnEnded()
    {
        lock (_lock)
        {
            _open--;
            Debug.Assert(_open >= 0);
        }
    }

    internal void OnCompleted(WebSocketConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    void IWebSocketHost.OnEnded(WebSocketConnection connection) => OnEnded();

    void IWebSocketHost.OnCompleted(WebSocketConnection connection) => OnCompleted(connection);

    internal void CountRefused(int statusCode) =>
        _refused.Add(1, new KeyValuePair<string, object?>("http.response.status_code", statusCode));

    internal void CountClosed(CloseStatus status) =>
        _closed.Add(1, new KeyValuePair<string, object?>("longwire.close.status", (int)status));

    internal void CountAborted(ConnectionAbortCause cause) =>
        _aborted.Add(1, new KeyValuePair<string, object?>("longwire.abort.cause", cause.ToString()));

    private void CloseAll()
    {
        lock (_lock)
        {
            _isStopping = true;
        }

        foreach (WebSocketConnection connection in ToArray().Where(IsOurs))
        {
            connection.TryClose(CloseStatus.GoingAway, "Going away");
        }

        // Again and again, as a handshake that was under way may still end in a connection.
        _grace = Time.CreateTimer(
            static connections => ((WebSocketConnections)connections!).AbortAll(),
            this,
            _stoppingGrace,
            _stoppingGrace
        );
    }

    private void AbortAll()
    {
        foreach (WebSocketConnection connection in ToArray().Where(IsOurs))
        {
            connection.Abort();
        }
    }

    private bool IsOurs(WebSocketConnection connection) => IsLeftAlone?.Invoke(connection) != true;
}
