namespace Longwire.Fuzzing;

/// <summary>
/// Something to throw bytes at. An input holds everything that a run depends on, the options and the cuts included, so that it can be
/// written down, made smaller and run again. One instance is used by one thread.
/// </summary>
public abstract class FuzzTarget : IDisposable
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether equal inputs give equal runs; where threads race they don't, and a smaller input is looked for more patiently.
    /// </summary>
    public virtual bool IsDeterministic => true;

    /// <summary>Makes an input by the target's grammar.</summary>
    public abstract byte[] Generate(Random random);

    /// <summary>Runs an input beside the oracle.</summary>
    /// <returns>The outcome, in a few words: inputs with outcomes that are new are kept and mutated on.</returns>
    /// <exception cref="Exception">Any: the outcome is not a legal one.</exception>
    public abstract string Check(byte[] input);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Fails the check.</summary>
    protected static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new IllegalOutcomeException(otherwise);
        }
    }
}
