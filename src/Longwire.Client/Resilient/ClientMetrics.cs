using System.Diagnostics.Metrics;

namespace Longwire.Client;

/// <summary>The figures of clients that stay up, for any listener of <c>System.Diagnostics.Metrics</c>.</summary>
internal static class ClientMetrics
{
    private static readonly Meter _meter = new(ResilientWebSocket.MeterName);
    private static readonly UpDownCounter<long> _open = _meter.CreateUpDownCounter<long>(
        "longwire.client.connections",
        "{connection}",
        "Connections of clients that stay up, now open."
    );
    private static readonly Counter<long> _attempts = _meter.CreateCounter<long>(
        "longwire.client.attempts",
        "{attempt}",
        "Attempts to connect, by whether they succeeded."
    );
    private static readonly Counter<long> _endings = _meter.CreateCounter<long>(
        "longwire.client.endings",
        "{connection}",
        "Connections that have ended, by close status."
    );
    private static readonly UpDownCounter<long> _outbox = _meter.CreateUpDownCounter<long>(
        "longwire.client.outbox.messages",
        "{message}",
        "Messages, and publications that are not settled, in outboxes."
    );
    private static readonly Counter<long> _discarded = _meter.CreateCounter<long>(
        "longwire.client.outbox.discarded",
        "{message}",
        "Messages and publications that were given up, by cause."
    );

    public static void Attempted(bool succeeded)
    {
        _attempts.Add(1, new KeyValuePair<string, object?>("longwire.client.succeeded", succeeded));
        if (succeeded)
        {
            _open.Add(1);
        }
    }

    public static void Ended(ConnectionEnding ending)
    {
        _open.Add(-1);
        _endings.Add(1, new KeyValuePair<string, object?>("longwire.close.status", (int)(ending.Status ?? CloseStatus.Abnormal)));
    }

    public static void Waiting(int change)
    {
        if (change != 0)
        {
            _outbox.Add(change);
        }
    }

    public static void Discarded(string cause, int count) =>
        _discarded.Add(count, new KeyValuePair<string, object?>("longwire.client.discard.cause", cause));
}
