namespace Longwire.Protocol.Tests;

/// <summary>Runs a property over random input. The seeds are fixed; the one that fails stands in the failure.</summary>
internal static class Seeded
{
    public static void Run(int count, Action<Random> property)
    {
        for (int seed = 1; seed <= count; seed++)
        {
            try
            {
                property(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Fails with seed {seed}: {exception.Message}", exception);
            }
        }
    }
}
