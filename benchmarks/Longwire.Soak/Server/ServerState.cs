namespace Longwire.Soak;

/// <summary>How a server is, as it says itself.</summary>
/// <param name="Connections">WebSocket connections that are open.</param>
/// <param name="Sockets">Sockets of the process, beyond those that it had before anyone was connected.</param>
/// <param name="DescriptorKinds">How many descriptors of each kind the process has, but for files.</param>
/// <param name="ResidentBytes">Memory that the process has in the machine's.</param>
/// <param name="ManagedBytes">The managed heap's part of it.</param>
/// <param name="Errors">The errors in the log, and how often a handler threw into an event loop.</param>
internal sealed record ServerState(
    int Connections,
    int Sockets,
    Dictionary<string, int> DescriptorKinds,
    long ResidentBytes,
    long ManagedBytes,
    long Errors
)
{
    public int Descriptors => DescriptorKinds.Values.Sum();
}
