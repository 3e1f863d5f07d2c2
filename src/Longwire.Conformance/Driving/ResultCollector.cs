namespace Longwire.Conformance;

/// <summary>Takes results from many cases at once and tells the sink of them one by one.</summary>
internal sealed class ResultCollector(IConformanceSink? sink)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CaseId, CaseResult> _results = [];

    public void Start(ConformanceCase conformanceCase)
    {
        lock (_lock)
        {
            sink?.OnStarted(conformanceCase);
        }
    }

    /// <summary>The last result of a case counts.</summary>
    public void Finish(CaseResult result)
    {
        lock (_lock)
        {
            _results[result.Case.Id] = result;
            sink?.OnFinished(result);
        }
    }

    public CaseResult? Find(CaseId id)
    {
        lock (_lock)
        {
            return _results.GetValueOrDefault(id);
        }
    }

    public IReadOnlyList<CaseResult> Results()
    {
        lock (_lock)
        {
            return [.. _results.Values.OrderBy(r => r.Case.Id)];
        }
    }
}
