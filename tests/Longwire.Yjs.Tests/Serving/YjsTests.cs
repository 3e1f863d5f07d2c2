namespace Longwire.Yjs.Tests;

/// <summary>Tests of what the endpoint does. Each class of them is run on every transport: its nested classes say which.</summary>
public abstract class YjsTests(ServerTransport transport)
{
    private protected Task<YjsServer> StartServerAsync(
        Action<YjsOptions>? configure = null,
        Func<YjsJoinRequest, YjsDecision>? onJoin = null
    ) => YjsServer.StartAsync(transport, configure, onJoin);
}
