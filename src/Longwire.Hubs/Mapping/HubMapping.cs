using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>
/// The mapping of the application's rooms, messages and hooks. It is collected before the start, and put together and checked at the
/// start; then it does not change.
/// </summary>
internal sealed class HubMapping(HubApplication application)
{
    private readonly List<RoomBuilder> _rooms = [];
    private readonly List<Action<HookScope>> _parts = [];
    private bool _hasStarted;

    public HubApplication Application => application;

    public void Add(RoomBuilder room)
    {
        ThrowIfStarted();
        _rooms.Add(room);
    }

    public void Add(Action<HookScope> part)
    {
        ThrowIfStarted();
        _parts.Add(part);
    }

    /// <summary>Puts all together.</summary>
    /// <exception cref="LongwireConfigurationException">Something is wrong; it says all that is.</exception>
    public async ValueTask StartAsync()
    {
        ThrowIfStarted();
        _hasStarted = true;
        List<string> faults = [];
        foreach (Action<HookScope> part in _parts)
        {
            part(new HookScope("", [], application, faults));
        }

        List<RoomEndpoint> endpoints = [];
        foreach (RoomBuilder room in _rooms)
        {
            if (await BuildAsync(room, faults).ConfigureAwait(false) is { } endpoint)
            {
                endpoints.Add(endpoint);
            }
        }

        foreach (IRoomConfiguration configuration in application.Services.GetServices<IRoomConfiguration>())
        {
            faults.AddRange(configuration.FindFaults([.. _rooms.Select(static room => room.Template)]));
        }

        faults.AddRange(RoomRouter.FindFaults([.. endpoints.Select(static endpoint => endpoint.Template)]));
        if (faults.Count > 0)
        {
            throw new LongwireConfigurationException(faults);
        }

        application.Open(endpoints.Count > 0 ? new RoomRouter(endpoints) : null);
    }

    private async ValueTask<RoomEndpoint?> BuildAsync(RoomBuilder room, List<string> faults)
    {
        string place = $"MapRoom(\"{room.Template}\")";
        string? wrong = RoomTemplateParser.Read(
            room.Template,
            application.Services.GetRequiredService<IInlineConstraintResolver>(),
            out RoomTemplate? template
        );
        if (wrong is not null)
        {
            faults.Add($"{place}: {wrong}");
            return null;
        }

        var endpoint = new RoomEndpoint(application, template!, room.Options);
        room.Options.Endpoint = endpoint;
        var scope = new HookScope(place, template!.Parameters, application, faults);
        room.Build(endpoint, scope);
        foreach (IRoomConfiguration configuration in application.Services.GetServices<IRoomConfiguration>())
        {
            if (configuration.Apply(room.Template, room.Options) is { } misread)
            {
                faults.Add(misread);
            }
        }

        try
        {
            room.Options.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            scope.AddFault($"{exception.ParamName} is {exception.ActualValue}, which is out of range.");
        }

        var metadata = new RoomEndpointBuilder { DisplayName = place, ApplicationServices = application.Services };
        foreach (Action<EndpointBuilder> convention in room.Conventions)
        {
            convention(metadata);
        }

        endpoint.Policy = await RoomPolicies.FindAsync(new EndpointMetadataCollection(metadata.Metadata), scope).ConfigureAwait(false);
        return endpoint;
    }

    private void ThrowIfStarted()
    {
        if (_hasStarted)
        {
            throw new InvalidOperationException("The hub has started. Map rooms and add hooks before app.Run().");
        }
    }

    /// <summary>Collects a room's metadata. Rooms are no endpoints of HTTP, so that none is built.</summary>
    private sealed class RoomEndpointBuilder : EndpointBuilder
    {
        public override Endpoint Build() => throw new NotSupportedException("A room is no endpoint of HTTP.");
    }
}
