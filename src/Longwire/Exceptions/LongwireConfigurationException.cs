namespace Longwire;

/// <summary>
/// The application is put together wrongly. It is thrown when the application starts, and lists every fault that was found: where it is,
/// what is wrong, and what to write instead.
/// </summary>
public sealed class LongwireConfigurationException : LongwireException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="faults">The faults, a sentence or two for each; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="faults"/> is empty.</exception>
    public LongwireConfigurationException(IReadOnlyList<string> faults)
        : base(Describe(faults)) => Faults = [.. faults];

    /// <summary>The faults, a sentence or two for each.</summary>
    public IReadOnlyList<string> Faults { get; }

    private static string Describe(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        return faults.Count == 0
            ? throw new ArgumentException("There is no fault to report.", nameof(faults))
            : string.Join(Environment.NewLine, faults);
    }
}
