namespace Longwire.Soak;

/// <summary>The options of <c>clients</c>.</summary>
internal sealed record ClientSoakOptions(
    SoakTransport Transport,
    TimeSpan Time,
    int Seed,
    int Rooms,
    ClientSoakFault Fault = ClientSoakFault.None
)
{
    public ClientSoakOptions(SoakArguments arguments)
        : this(arguments.Transport, arguments.Minutes(5), arguments.Seed, arguments.Number("--rooms", 4, 1, 100)) { }
}
