using Longwire.AspNetCore;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;

namespace Longwire.Hubs;

/// <summary>A hub's WebSocket and the paths beside it, which all have the same conventions.</summary>
internal sealed class HubPaths : IEndpointConventionBuilder
{
    private readonly Hub _hub;
    private readonly List<IEndpointConventionBuilder> _endpoints;

    public HubPaths(
        IEndpointRouteBuilder endpoints,
        string pattern,
        Hub hub,
        IEndpointConventionBuilder webSocket,
        Action<WebSocketEndpointOptions> configure
    )
    {
        _hub = hub;
        _endpoints = [webSocket];
        var options = new WebSocketOptionsMetadata(configure);
        string path = pattern.TrimEnd('/');
        Map($"{path}/events", HttpMethods.Get, static ways => ways.EventsAsync);
        Map($"{path}/poll", HttpMethods.Get, static ways => ways.PollAsync);
        Map($"{path}/send", HttpMethods.Post, static ways => ways.SendAsync);
        Map($"{path}/session", HttpMethods.Delete, static ways => ways.EndAsync);
        foreach (string name in (string[])["events", "poll", "send", "session"])
        {
            // A browser asks without saying who it is.
            Map($"{path}/{name}", HttpMethods.Options, static ways => ways.PreflightAsync)
                .Finally(static endpoint => endpoint.Metadata.Add(new AllowAnonymousAttribute()));
        }

        // By its key, whatever else the path asks of its visitors.
        var publish = new PublishWay(hub);
        endpoints
            .MapPost($"{path}/publish", (RequestDelegate)publish.PublishAsync)
            .WithMetadata(new AllowAnonymousAttribute())
            .Add(static endpoint => ((RouteEndpointBuilder)endpoint).Order = 1);

        IEndpointConventionBuilder Map(string at, string method, Func<HttpWays, RequestDelegate> serve)
        {
            IEndpointConventionBuilder way = endpoints.MapMethods(at, [method], (RequestDelegate)(static _ => Task.CompletedTask));
            // An endpoint of the application's own at the same path comes first.
            way.Add(endpoint =>
            {
                ((RouteEndpointBuilder)endpoint).Order = 1;
                endpoint.Metadata.Add(options);
                endpoint.DisplayName = $"Longwire {method} {at}";
            });
            way.Finally(endpoint => Build(endpoint, serve));
            _endpoints.Add(way);
            return way;
        }
    }

    public void Add(Action<EndpointBuilder> convention) => _endpoints.ForEach(endpoint => endpoint.Add(convention));

    public void Finally(Action<EndpointBuilder> finallyConvention) => _endpoints.ForEach(endpoint => endpoint.Finally(finallyConvention));

    private void Build(EndpointBuilder endpoint, Func<HttpWays, RequestDelegate> serve)
    {
        WebSocketEndpointOptions options = WebSocketEndpointRouteBuilderExtensions.OptionsOf(endpoint);
        endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true });
        endpoint.RequestDelegate = serve(new HttpWays(_hub, new PageRule(options.Origins, endpoint.ApplicationServices)));
    }
}
