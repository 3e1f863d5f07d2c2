using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Conformance;

/// <summary>How the suite listens for the clients that it tests. Immutable.</summary>
public sealed record ClientSuiteOptions
{
    /// <summary>The cases to run, and the time limits. <see cref="ConformanceOptions.Parallelism"/> is up to the clients here.</summary>
    public ConformanceOptions Conformance { get; init; } = new();

    /// <summary>Where to listen. Default 127.0.0.1:9001, where drivers for such suites look; port 0 takes a free one.</summary>
    public IPEndPoint Endpoint { get; init; } = new(IPAddress.Loopback, 9001);

    /// <summary>With a certificate the suite speaks <c>wss://</c>. Default null: <c>ws://</c>.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Connections at once; more wait in the listener's queue. Default 256.</summary>
    public int MaxConnections { get; init; } = 256;
}
