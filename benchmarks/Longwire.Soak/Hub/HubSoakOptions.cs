namespace Longwire.Soak;

/// <summary>The options of <c>hub</c>.</summary>
internal sealed record HubSoakOptions(SoakTransport Transport, TimeSpan Time, int Seed, int Clients, HubSoakFault Fault = HubSoakFault.None)
{
    public HubSoakOptions(SoakArguments arguments)
        : this(arguments.Transport, arguments.Minutes(5), arguments.Seed, arguments.Number("--clients", 200, 2, 2_000)) { }
}
