using Longwire.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Longwire.AspNetCore;

/// <summary>
/// Lets a WebSocket endpoint share its path with ordinary ones: handshakes go to it, all other requests to the others.
/// Where nothing else has the path, the endpoint gets those too and says what it expects.
/// </summary>
internal sealed class WebSocketMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => -500;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsWebSocket) && !endpoints.All(IsWebSocket);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        bool handshake = IsHandshake(httpContext);
        bool other = false;
        for (int i = 0; i < candidates.Count; i++)
        {
            other |= candidates.IsValidCandidate(i) && IsWebSocket(candidates[i].Endpoint) == handshake;
        }

        for (int i = 0; other && i < candidates.Count; i++)
        {
            if (IsWebSocket(candidates[i].Endpoint) != handshake)
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsWebSocket(Endpoint endpoint) => endpoint.Metadata.GetMetadata<WebSocketEndpointMetadata>() is not null;

    private static bool IsHandshake(HttpContext context) =>
        HeaderTokens.Contains(context.Request.Headers.Upgrade.ToString(), "websocket")
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
}
