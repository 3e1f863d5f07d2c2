using System.Diagnostics;

namespace Longwire.Fuzzing;

/// <summary>
/// Makes findings of assertions that fail anywhere while an input runs, on whatever thread, also where the exception would be caught.
/// Without it a failed assertion ends the process, and its input is lost.
/// </summary>
internal sealed class AssertionListener : TraceListener
{
    private string? _failure;

    /// <summary>Listens to all assertions of the process, in place of what would end it.</summary>
    public static AssertionListener Install()
    {
        var listener = new AssertionListener();
        Trace.Listeners.Clear();
        Trace.Listeners.Add(listener);
        return listener;
    }

    /// <inheritdoc/>
    public override void Fail(string? message, string? detailMessage) =>
        Interlocked.CompareExchange(ref _failure, $"{message}: {detailMessage}\n{Environment.StackTrace}", null);

    /// <inheritdoc/>
    public override void Write(string? message) { }

    /// <inheritdoc/>
    public override void WriteLine(string? message) { }

    /// <summary>Fails the check if an assertion has failed since the last call.</summary>
    /// <exception cref="IllegalOutcomeException">One has.</exception>
    public void ThrowIfFailed()
    {
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            throw new IllegalOutcomeException(failure);
        }
    }
}
