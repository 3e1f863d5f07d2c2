using System.Diagnostics.Metrics;

namespace Longwire.Yjs;

/// <summary>The counters of an endpoint, on the meter <c>Longwire.Yjs</c>, each with the endpoint's pattern as <c>http.route</c>.</summary>
internal sealed class YjsMetrics
{
    public const string MeterName = "Longwire.Yjs";

    private readonly KeyValuePair<string, object?> _route;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _answers;
    private readonly UpDownCounter<long> _documents;

    public YjsMetrics(IMeterFactory meters, string pattern)
    {
        Meter meter = meters.Create(MeterName);
        _route = new KeyValuePair<string, object?>("http.route", pattern);
        _documents = meter.CreateUpDownCounter<long>("longwire.yjs.documents", "{document}", "Documents that are in memory now.");
        _updates = meter.CreateCounter<long>("longwire.yjs.updates", "{update}", "Updates that said something new.");
        _answers = meter.CreateCounter<long>(
            "longwire.yjs.answers",
            "{answer}",
            "States and differences that were encoded for clients that join; those that ask for the same share one."
        );
    }

    public void DocumentLoaded() => _documents.Add(1, _route);

    public void DocumentUnloaded() => _documents.Add(-1, _route);

    public void UpdateApplied() => _updates.Add(1, _route);

    public void AnswerEncoded() => _answers.Add(1, _route);
}
