using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs;

/// <summary>
/// Rooms whose templates begin with the same, and what holds for all of them, those mapped before and after: policies and filters.
/// </summary>
public sealed class RoomGroupBuilder : IRoomRouteBuilder, IEndpointConventionBuilder
{
    private readonly IRoomRouteBuilder _rooms;
    private readonly string _prefix;
    private readonly List<RoomBuilder> _mapped = [];
    private readonly List<Action<RoomBuilder>> _common = [];

    internal RoomGroupBuilder(IRoomRouteBuilder rooms, string prefix)
    {
        _rooms = rooms;
        _prefix = prefix;
    }

    /// <inheritdoc/>
    public RoomBuilder MapRoom(string template) => Include(_rooms.MapRoom(_prefix + template));

    /// <inheritdoc/>
    public RoomBuilder<TRoom> MapRoom<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TRoom>(
        string template
    )
        where TRoom : LiveRoom => Include(_rooms.MapRoom<TRoom>(_prefix + template));

    /// <inheritdoc/>
    public void Add(Action<EndpointBuilder> convention) => ForAll(room => room.Add(convention));

    /// <inheritdoc/>
    public void Finally(Action<EndpointBuilder> finallyConvention) => ForAll(room => room.Finally(finallyConvention));

    /// <summary>Puts a filter around the calls of all rooms of the group.</summary>
    /// <param name="filter">The filter.</param>
    public RoomGroupBuilder AddFilter(RoomFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ForAll(room => room.AddFilter(filter));
        return this;
    }

    private TBuilder Include<TBuilder>(TBuilder room)
        where TBuilder : RoomBuilder
    {
        _mapped.Add(room);
        _common.ForEach(add => add(room));
        return room;
    }

    private void ForAll(Action<RoomBuilder> add)
    {
        _common.Add(add);
        _mapped.ForEach(add);
    }
}
