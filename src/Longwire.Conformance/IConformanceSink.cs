namespace Longwire.Conformance;

/// <summary>Is told of the cases as they run. Calls never overlap.</summary>
public interface IConformanceSink
{
    /// <summary>A case begins.</summary>
    /// <param name="conformanceCase">The case.</param>
    void OnStarted(ConformanceCase conformanceCase);

    /// <summary>A case has ended. With many at once, in another order than their numbers.</summary>
    /// <param name="result">The result.</param>
    void OnFinished(CaseResult result);
}
