using Microsoft.AspNetCore.Builder;

namespace Longwire.Yjs;

/// <summary>
/// An endpoint for Yjs: what <c>MapYjs</c> returns. Policies, origins' rules and everything else that endpoints have work with it.
/// </summary>
public sealed class YjsEndpointBuilder : IEndpointConventionBuilder
{
    private readonly IEndpointConventionBuilder _endpoint;

    internal YjsEndpointBuilder(IEndpointConventionBuilder endpoint) => _endpoint = endpoint;

    internal Func<YjsJoinRequest, ValueTask<YjsDecision>> JoinHook { get; private set; } =
        static request => ValueTask.FromResult(request.Accept());

    /// <summary>
    /// Decides for each client and document whether it may read, write or neither. Without a hook everyone may write whom the endpoint's
    /// policies let in.
    /// </summary>
    /// <param name="hook">The hook; what it throws answers the handshake with 500.</param>
    public YjsEndpointBuilder OnJoin(Func<YjsJoinRequest, ValueTask<YjsDecision>> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        JoinHook = hook;
        return this;
    }

    /// <summary>As the other overload, for a hook that need not wait.</summary>
    /// <param name="hook">The hook.</param>
    public YjsEndpointBuilder OnJoin(Func<YjsJoinRequest, YjsDecision> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return OnJoin(request => ValueTask.FromResult(hook(request)));
    }

    /// <inheritdoc/>
    public void Add(Action<EndpointBuilder> convention) => _endpoint.Add(convention);

    /// <inheritdoc/>
    public void Finally(Action<EndpointBuilder> finallyConvention) => _endpoint.Finally(finallyConvention);
}
