using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>Joining and leaving rooms, their history and who is in them.</summary>
internal sealed partial class RoomRequests(
    NodeContext node,
    RequestedRooms requested,
    Refusals refusals,
    RoomRegistry rooms,
    MapRequests maps,
    PresenceRequests presence,
    MarkerRequests markers
)
{
    public ValueTask Join(HubSession session, in ClientMessage message)
    {
        RoomPosition recover = default;
        long history = 0;
        if (
            !requested.TryGetName(message, out string name)
            || (message.Recover.IsPresentAndNotNull && !message.TryGetPosition(message.Recover, out recover))
            || (message.History.IsPresentAndNotNull && !message.TryGetCount(message.History, out history))
            || !ClientMessage.IsFlag(message.State)
            || !ClientMessage.IsFlag(message.Map)
            || (message.Presence.IsPresentAndNotNull && !(message.TryGetString(message.Presence, 16, out string kind) && kind == "changes"))
            || !message.TryGetOptionalCount(message.Version, out long? presenceVersion)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        int count = (int)Math.Min(history, node.Settings.MaxHistoryMessages);
        var join = new JoinDetails(message.Recover.IsPresentAndNotNull ? recover : null, count)
        {
            WantsState = message.State.Kind == JsonTokenType.True,
            WantsMap = message.Map.Kind == JsonTokenType.True,
            WantsPresence = message.Presence.IsPresentAndNotNull,
            PresenceVersion = presenceVersion,
        };
        return refusals.TryTakeJoin(session, rooms.Find(name), message) ? JoinAndAnswerAsync(session, name, join, message.Id) : default;
    }

    public ValueTask Leave(HubSession session, in ClientMessage message)
    {
        if (!requested.TryGetName(message, out string name))
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (RoomNames.IsOwn(name))
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        return session.FindMembership(name) is { } membership
            ? LeaveAsync(session, membership, message.Id)
            : refusals.Refuse(session, requested.NotAMember(name), message.Id);
    }

    public ValueTask History(HubSession session, in ClientMessage message)
    {
        long since = 0;
        long before = 0;
        long limit = node.Settings.MaxHistoryMessages;
        if (
            !requested.TryGetName(message, out string name)
            || (message.Since.IsPresentAndNotNull && !message.TryGetCount(message.Since, out since))
            || (message.Before.IsPresentAndNotNull && !message.TryGetCount(message.Before, out before))
            || (message.Limit.IsPresentAndNotNull && !message.TryGetCount(message.Limit, out limit))
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if ((name == RoomNames.Me ? session.OwnRoomName() : session.FindMembership(name)?.Room.Name) is not { } room)
        {
            return refusals.Refuse(session, requested.NotAMember(name), message.Id);
        }

        var query = new HistoryQuery
        {
            Since = message.Since.IsPresentAndNotNull ? since : null,
            Before = message.Before.IsPresentAndNotNull ? before : null,
            Limit = (int)Math.Min(limit, node.Settings.MaxHistoryMessages),
        };
        return HistoryAsync(session, room, query, message.Id);
    }

    /// <summary>Takes a session out of a room and tells it; the others are told by the engine.</summary>
    public async ValueTask LeaveAsync(
        HubSession session,
        Membership membership,
        string? id,
        LeaveCause cause = LeaveCause.Left,
        string? reason = null
    )
    {
        await TakeOutAsync(session, membership).ConfigureAwait(false);
        // Another node that goes on with the session must not have it in the room any more, once its client knows.
        await session.SaveChangesAsync().ConfigureAwait(false);
        session.Send(ServerMessages.LeftRoom(membership.Room.Name, reason, id));
        await TellOfLeaveAsync(session, membership, cause).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes a session out of a room. Never fails: the session is out on this node even when the engine is away, and the engine is told
    /// when it is back.
    /// </summary>
    public async ValueTask LeaveSilentlyAsync(HubSession session, Membership membership, LeaveCause? cause)
    {
        await TakeOutAsync(session, membership).ConfigureAwait(false);
        await TellOfLeaveAsync(session, membership, cause).ConfigureAwait(false);
    }

    private async ValueTask TakeOutAsync(HubSession session, Membership membership)
    {
        await session.SuspendAsync(membership).ConfigureAwait(false);
        if (session.FindMembership(membership.Room.Name) is not null)
        {
            node.Metrics.MemberWent();
        }

        session.RemoveMembership(membership);
    }

    private async ValueTask TellOfLeaveAsync(HubSession session, Membership membership, LeaveCause? cause)
    {
        await rooms.LeaveAsync(membership.Room, membership.Presence!).ConfigureAwait(false);
        if (membership.Room.Settings.Endpoint is { } endpoint)
        {
            await endpoint.OnLeftAsync(session, membership.Room.Name, cause).ConfigureAwait(false);
        }
    }

    private async ValueTask JoinAndAnswerAsync(HubSession session, string name, JoinDetails join, string? id)
    {
        if (await JoinAsync(session, name, join, id).ConfigureAwait(false) is { } error)
        {
            await refusals.Refuse(session, error, id).ConfigureAwait(false);
        }
    }

    /// <summary>Joins, and tells the client so. Returns the error when it may not.</summary>
    public async ValueTask<HubError?> JoinAsync(HubSession session, string name, JoinDetails join, string? id)
    {
        if (name == RoomNames.Me)
        {
            await session.OpenOwnRoomAsync().ConfigureAwait(false);
        }

        Membership? membership = session.FindMembership(name);
        bool isNew = membership is null;
        RoomOptions? options = membership?.Room.Settings ?? node.Settings.Rooms.Find(name);
        HubError? error = options is null
            ? (RoomNames.IsOwn(name) ? HubError.Forbidden : HubError.UnknownRoom)
            : await AdmitAsync(session, name, membership is not null, options).ConfigureAwait(false);
        if (error is not null)
        {
            if (membership is not null)
            {
                await LeaveAsync(session, membership, id: null, LeaveCause.Kicked).ConfigureAwait(false);
            }

            return error;
        }

        if (membership is null)
        {
            try
            {
                (membership, error) = await EnterAsync(session, name, options!, known: null).ConfigureAwait(false);
            }
            finally
            {
                if (membership is null && options!.Endpoint is { } endpoint)
                {
                    // The room gave it a place, and it did not come.
                    await endpoint.OnAbsentAsync(session, name).ConfigureAwait(false);
                }
            }

            if (membership is null)
            {
                return error;
            }
        }

        if (session.Listen(membership) is not { } receiver)
        {
            // It has no connection any more, and what follows from that is its next event.
            return null;
        }

        bool wantsState = join.WantsState && membership.Room.Settings.LoadState is not null;
        join = FitTo(membership.Room, join);
        if (join.IsPlain && !wantsState)
        {
            await membership.Room.JoinAsync(receiver, id).ConfigureAwait(false);
            return null;
        }

        try
        {
            await (
                wantsState
                    ? ShowStateAsync(session, membership.Room, receiver, join, id)
                    : CatchUpAsync(session, membership.Room, receiver, join, id)
            ).ConfigureAwait(false);
            return null;
        }
        catch when (isNew)
        {
            // The client is told that it has not joined, and so it must not be a member.
            await LeaveSilentlyAsync(session, membership, LeaveCause.Left).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks whether a session may join, at each join. Returns null when it may.</summary>
    private static ValueTask<HubError?> AdmitAsync(HubSession session, string name, bool isMember, RoomOptions options)
    {
        if (!isMember && (RoomNames.IsOwn(name) || (options.MayJoin is { } mayJoin && !mayJoin(session, name))))
        {
            return new ValueTask<HubError?>(HubError.Forbidden);
        }

        return options.Endpoint?.AdmitAsync(session, name) ?? new ValueTask<HubError?>((HubError?)null);
    }

    /// <summary>Makes a session a member, and tells nobody. Returns the error when it may not.</summary>
    public async ValueTask<(Membership? Membership, HubError? Error)> EnterAsync(
        HubSession session,
        string name,
        RoomOptions options,
        RoomMember? known
    )
    {
        if (!session.TryEnterRoom())
        {
            return (null, HubError.Forbidden with { Message = "Too many rooms" });
        }

        Membership? membership = null;
        try
        {
            (membership, HubError? error) = await SubscribeAsync(session, name, options, known).ConfigureAwait(false);
            return (membership, error);
        }
        finally
        {
            if (membership is null)
            {
                session.LeaveRoom();
            }
        }
    }

    private async ValueTask<(Membership? Membership, HubError? Error)> SubscribeAsync(
        HubSession session,
        string name,
        RoomOptions options,
        RoomMember? known
    )
    {
        (Room? room, HubError? error) = await rooms.EnterAsync(name, options).ConfigureAwait(false);
        if (room is null)
        {
            return (null, error);
        }

        HubIdentity identity = options.Endpoint?.Show(session.Identity!) ?? session.Identity!;
        RoomMember member = known ?? new RoomMember(session.ClientId, identity.UserId, identity.Username, identity.Metadata);
        member = session.Generation > 1 ? member with { Generation = session.Generation } : member;
        try
        {
            await rooms.CancelLeaveAsync(room, member).ConfigureAwait(false);
            ValueTask<int> adding;
            using (FanOutScope.Call())
            {
                adding = node.Engine.Presence.AddAsync(name, [member], node.Stopping);
            }

            room.OnCounted(await adding.ConfigureAwait(false));
        }
        catch
        {
            // It may have happened all the same.
            await rooms.LeaveAsync(room, member).ConfigureAwait(false);
            throw;
        }

        var membership = new Membership(room, member, session.Link);
        session.AddMembership(membership);
        node.Metrics.MemberCame();
        return (membership, null);
    }

    /// <summary>The wishes that a room can fulfil.</summary>
    private static JoinDetails FitTo(Room room, JoinDetails join) =>
        join with
        {
            WantsMap = join.WantsMap && room.Settings.MapKeys > 0,
            WantsPresence = join.WantsPresence && PresenceRequests.IsKept(room),
            WantsMarker = MarkerRequests.IsKept(room),
        };
}
