namespace Longwire.Soak;

/// <summary>Something that a client does at the server, from beginning to end. It throws where the server does not do its part.</summary>
internal abstract class Visit
{
    // As often as they stand here.
    private static readonly Visit[] _all =
    [
        new EchoVisit(),
        new EchoVisit(),
        new EchoVisit(),
        new HubVisit(),
        new HubVisit(),
        new HttpVisit(),
        new FaultyVisit(),
        new FaultyVisit(),
        new FaultyVisit(),
        new SlowReaderVisit(),
    ];

    public abstract string Name { get; }

    public static Visit Choose(Random random) => _all[random.Next(_all.Length)];

    public abstract Task RunAsync(SoakTarget target, Random random);

    protected static void Expect(bool condition, string expectation)
    {
        if (!condition)
        {
            throw new InvalidOperationException("Expected: " + expectation);
        }
    }
}
