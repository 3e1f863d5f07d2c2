using System.Diagnostics.Metrics;

namespace Longwire.Client;

/// <summary>
/// The clients' figures, for any listener of <c>System.Diagnostics.Metrics</c>. The meter's name is <c>Longwire.Client</c>.
/// </summary>
internal static class ClientMetrics
{
    public const string MeterName = "Longwire.Client";

    private static readonly Meter _meter = new(MeterName);
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
        "Messages that wait in outboxes."
    );
    private static readonly Counter<long> _discarded = _meter.CreateCounter<long>(
        "longwire.client.outbox.discarded",
        "{message}",
        "Messages that were discarded from outboxes, by cause."
    );

    public static void Attempted(bool succeeded)
    {
        _attempts.Add(1, new KeyValuePair<string, object?>("succeeded", succeeded));
        if (succeeded)
        {
            _open.Add(1);
        }
    }

    public static void Ended(ConnectionEnding ending)
    {
        _open.Add(-1);
        _endings.Add(1, new KeyValuePair<string, object?>("status", (int)(ending.Status ?? CloseStatus.Abnormal)));
    }

    public static void Waiting(int change)
    {
        if (change != 0)
        {
            _outbox.Add(change);
        }
    }

    public static void Discarded(DiscardCause cause, int count) =>
        _discarded.Add(count, new KeyValuePair<string, object?>("cause", cause.ToString()));
}
