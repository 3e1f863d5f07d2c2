using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.Hubs;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says what the rooms of a template have.</summary>
public static class RoomBuilderExtensions
{
    /// <summary>Begins a group of rooms, for policies and filters that hold for all of them.</summary>
    /// <param name="rooms">The builder on which the rooms are mapped.</param>
    /// <param name="prefix">The beginning of their templates, as <c>tenant:{tenant}:</c>; empty for nothing.</param>
    public static RoomGroupBuilder MapRoomGroup(this IRoomRouteBuilder rooms, string prefix)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        ArgumentNullException.ThrowIfNull(prefix);
        return new RoomGroupBuilder(rooms, prefix);
    }

    /// <summary>
    /// Keeps what is published, for members that join or come back. At most 1 MiB a room is kept; the oldest go first.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="size">How many publications are kept.</param>
    /// <param name="age">How long a publication is kept.</param>
    public static TBuilder WithHistory<TBuilder>(this TBuilder builder, int size, TimeSpan age)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Options.HistorySize = size;
        builder.Options.HistoryAge = age;
        return builder;
    }

    /// <summary>
    /// Tells members by <c>user-joined</c> and <c>user-left</c> who comes and goes, and answers <c>presence</c> with who is
    /// there. Those who join with <c>presence: "changes"</c> are told the differences.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="configure">Sets limits.</param>
    public static TBuilder WithPresence<TBuilder>(this TBuilder builder, Action<PresenceOptions>? configure = null)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new PresenceOptions();
        configure?.Invoke(options);
        builder.Options.AnnouncedMembers = options.AnnouncedMembers;
        builder.Options.PresenceGrace = options.Grace;
        builder.Options.MayUpdatePresence = options.MayUpdate;
        builder.AddPart((endpoint, _) => endpoint.HasPresence = true);
        return builder;
    }

    /// <summary>
    /// Keeps, for each user, up to where the user has read: on all the user's devices, with the number of unread messages. Sending moves
    /// one's own marker.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    public static TBuilder WithReadMarkers<TBuilder>(this TBuilder builder)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Options.HasReadMarkers = true;
        return builder;
    }

    /// <summary>
    /// Keeps a live map: members that join with <c>map: true</c> get it in pages, and its changes as they are made; those that come back
    /// get only what changed. The server writes it, by <see cref="IHubRoom.Map{T}"/>, and clients as far as the options let them.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="configure">Sets limits, says what the values are, and lets clients change keys.</param>
    public static TBuilder WithMap<TBuilder>(this TBuilder builder, Action<MapOptions>? configure = null)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MapOptions();
        configure?.Invoke(options);
        builder.Options.MapKeys = options.MaxKeys;
        builder.Options.MapBytes = options.MaxBytes;
        builder.Options.MapChanges = options.Changes;
        builder.Options.MapChangeAge = options.ChangeAge;
        builder.AddPart(
            (endpoint, scope) =>
            {
                endpoint.MapRules = options.Build(scope.Within("WithMap"));
                endpoint.MapValues = options.BuildValues(scope.Within("WithMap"));
            }
        );
        return builder;
    }

    /// <summary>
    /// Shows a state to those who join with <c>state: true</c>. The hook loads it, with parameters bound as minimal APIs bind theirs:
    /// values of the room's name, services, the <see cref="JoinRequest"/>, the <see cref="RoomPosition"/> before which the state must not
    /// be, a <see cref="CancellationToken"/>. Messages published meanwhile are delivered behind it.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="load">Loads the state; it returns a <see cref="RoomState"/>, or a task of one.</param>
    [RequiresUnreferencedCode("Parameters are bound by reflection. Trimmed applications use the overload that takes a Func.")]
    [RequiresDynamicCode("Parameters are bound by reflection. Trimmed applications use the overload that takes a Func.")]
    public static TBuilder WithState<TBuilder>(this TBuilder builder, Delegate load)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(load);
        builder.AddPart(
            (endpoint, scope) =>
            {
                Type[] given = [typeof(JoinRequest), typeof(RoomPosition), typeof(CancellationToken)];
                if (HookBinder.Bind(load, given, typeof(RoomState), scope.Within("WithState")) is { } bound)
                {
                    endpoint.Options.LoadState = (session, room, before, cancellationToken) =>
                        RoomAdmission.LoadStateAsync(
                            scope.Application,
                            session,
                            room,
                            endpoint,
                            async (call, join) => (RoomState)(await bound(call, join, before, cancellationToken).ConfigureAwait(false))!
                        );
                }
            }
        );
        return builder;
    }

    /// <inheritdoc cref="WithState{TBuilder}(TBuilder, Delegate)"/>
    public static TBuilder WithState<TBuilder>(
        this TBuilder builder,
        Func<JoinRequest, RoomPosition, CancellationToken, ValueTask<RoomState>> load
    )
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(load);
        builder.AddPart(
            (endpoint, scope) =>
                endpoint.Options.LoadState = (session, room, before, cancellationToken) =>
                    RoomAdmission.LoadStateAsync(
                        scope.Application,
                        session,
                        room,
                        endpoint,
                        (_, join) => load(join, before, cancellationToken)
                    )
        );
        return builder;
    }

    /// <summary>Says what happens to members that don't keep up. The others never wait for one.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="policy">The policy.</param>
    public static TBuilder WithSlowConsumer<TBuilder>(this TBuilder builder, SlowConsumerPolicy policy)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Options.SlowConsumer = policy;
        return builder;
    }

    /// <summary>
    /// Makes what is said safe for clients that put it into HTML as it comes: in every text of a message, and in the names of users,
    /// <c>&amp;</c>, <c>&lt;</c>, <c>&gt;</c> and quotes become references such as <c>&amp;lt;</c>. It holds for what the application says
    /// too. Ids of users and keys of maps stay as they are: they are compared, not shown.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    public static TBuilder WithSafeText<TBuilder>(this TBuilder builder)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPart((endpoint, _) => endpoint.HasSafeText = true);
        return builder;
    }

    /// <summary>Turns the rooms' clock: their class is called at <c>OnTick</c>.</summary>
    /// <typeparam name="TRoom">The rooms' class.</typeparam>
    /// <param name="builder">The rooms.</param>
    /// <param name="perSecond">How often a second, from 1 to 1,000.</param>
    public static RoomBuilder<TRoom> WithTick<TRoom>(this RoomBuilder<TRoom> builder, int perSecond)
        where TRoom : LiveRoom
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPart(
            (endpoint, scope) =>
            {
                endpoint.TicksPerSecond = perSecond;
                if (perSecond is < 1 or > 1_000)
                {
                    scope.Within("WithTick").AddFault($"it is {perSecond} a second. Write a number from 1 to 1,000.");
                }
            }
        );
        return builder;
    }

    /// <summary>Lets only the application publish; a client's <c>message</c> gets the error <c>read-only</c>.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The rooms.</param>
    public static TBuilder ReadOnly<TBuilder>(this TBuilder builder)
        where TBuilder : RoomBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPart((endpoint, _) => endpoint.IsReadOnly = true);
        return builder;
    }
}
