using System.Text.Json;

namespace Longwire.Hubs;

/// <content>The answers to clients' requests.</content>
internal sealed partial class RoomEndpoint : IRoomEndpoint
{
    public string Pattern => Template.Text;

    public bool HasFilters => Filters.Count > 0;

    public bool TakesContent => FindHandler(MessageContract.ContentType) is not null;

    public bool TakesBytes => BinaryHook is not null || Live is not null;

    public HubError? Conform(ref MapChange change)
    {
        if (change.Value is not { } value || FindMapValues(change.Key) is not { } values)
        {
            return null;
        }

        if (MessageContract.Read(value.Span, values.Json, out object? read) is { } wrong)
        {
            return wrong;
        }

        change = change with { Value = JsonSerializer.SerializeToUtf8Bytes(read, values.Json) };
        return null;
    }

    public ValueTask<HubError?> AdmitAsync(HubSession session, string room) => RoomAdmission.AdmitAsync(application, session, room, this);

    public ValueTask<bool> MayStayAsync(HubSession session, string room) =>
        Policy is { } policy ? RoomAdmission.MayStayAsync(application, session, room, this, policy) : new ValueTask<bool>(true);

    public async ValueTask<HubError?> MayPublishAsync(HubSession session, string room, string type)
    {
        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, this, room);
        HubDecision decision = await FilterAsync(call, application.RoomOf(call, room, this), type, static () => new(HubDecision.Accepted))
            .ConfigureAwait(false);
        return decision.Reason is { } reason ? HubError.Forbidden with { Message = reason } : null;
    }

    public ValueTask<HubError?> MayChangeAsync(HubSession session, string room, MapChange change) =>
        MapRights.AskAsync(application, session, room, this, change);

    public ValueTask TakeContent(HubSession session, in ClientMessage message, Membership membership) =>
        application.Requests.Handle(session, message, membership, FindHandler(MessageContract.ContentType)!);

    public async ValueTask TakeBytesAsync(HubSession session, string room, string? id, byte[] payload)
    {
        if (Live is { } live)
        {
            await live.ReceiveAsync(room, session, payload).ConfigureAwait(false);
        }

        if (BinaryHook is { } hook)
        {
            using var turn = Turn.Enter(session);
            await using HubCall call = application.Call(session, this, room);
            var request = new RoomRequest(call, "binary", id, [], application.RoomOf(call, room, this));
            await hook(call, request, payload).ConfigureAwait(false);
        }
    }

    public ValueTask OnLostAsync(HubSession session, string room) => Live?.LoseAsync(room, session) ?? default;

    public ValueTask OnAbsentAsync(HubSession session, string room) => Live?.LeaveAsync(room, session, LeaveCause.Left) ?? default;

    public ValueTask OnLeftAsync(HubSession session, string room, LeaveCause? cause) =>
        RoomAdmission.TellOfLeaveAsync(application, session, room, this, cause);
}
