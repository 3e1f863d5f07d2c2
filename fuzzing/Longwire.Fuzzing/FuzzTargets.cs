namespace Longwire.Fuzzing;

/// <summary>All targets by their names.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, Func<FuzzTarget>> All { get; } =
        new Dictionary<string, Func<FuzzTarget>>
        {
            ["receiver"] = () => new ReceiverTarget(),
            ["handshake"] = () => new HandshakeTarget(),
            ["extensions"] = () => new ExtensionsTarget(),
            ["inflate"] = () => new InflateTarget(),
            ["hub"] = static () => new HubTarget(),
            ["hub-json"] = () => new HubJsonTarget(),
            ["connection"] = () => new ConnectionTarget(),
            ["ending"] = static () => new EndingTarget(),
            ["yjs"] = () => new YjsTarget(),
        };
}
