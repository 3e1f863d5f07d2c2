using Longwire.Conformance;

namespace Longwire.Cli.Conform;

/// <summary>Says how far a run is, on one line of a terminal; nothing where standard error is none.</summary>
internal sealed class ProgressLine : IConformanceSink
{
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private int _finished;
    private int _faults;

    public void OnStarted(ConformanceCase conformanceCase) { }

    public void OnFinished(CaseResult result)
    {
        _finished++;
        _faults += result.IsConformant ? 0 : 1;
        if (_isTerminal)
        {
            Console.Error.Write($"\r{_finished} cases, {_faults} not conformant ");
        }
    }
}
