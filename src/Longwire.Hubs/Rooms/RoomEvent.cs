namespace Longwire.Hubs;

/// <summary>
/// Something that members of a room are told. It has no wire format: a protocol makes its frame once, for all who get it.
/// </summary>
internal abstract class RoomEvent(string room)
{
    private PreparedMessage? _frame;
    private PreparedMessage? _text;

    public string Room { get; } = room;

    /// <summary>The key under which a later event takes the place of this one where it waits for a slow member; null for none.</summary>
    public virtual string? ReplaceKey => null;

    /// <summary>Whether older ones like it make room for it where the room's slow members may miss something.</summary>
    public virtual bool IsDroppable => false;

    /// <summary>Whether only those are told who asked for the differences of the room's presence.</summary>
    public virtual bool IsForPresence => false;

    /// <summary>Whether it may be left out where the member's queue is full: it is not part of any sequence.</summary>
    public virtual bool IsPassing => false;

    /// <summary>The span that it was published or sent in; null for none.</summary>
    public virtual string? TraceParent => null;

    /// <summary>The frame as a protocol writes it. Two threads may make it at once; both are the same.</summary>
    public PreparedMessage FrameBy(HubProtocol protocol) =>
        protocol.IsMain ? _frame ??= protocol.Write(this) : _text ??= protocol.Write(this);
}

/// <summary>A publication, in its order.</summary>
internal sealed class PublicationEvent(string room, Publication publication) : RoomEvent(room)
{
    private string? _replaceKey;

    public Publication Publication { get; } = publication;

    /// <summary>Without one of its changes a map would be wrong, and nobody would know.</summary>
    public override bool IsDroppable => !Publication.Draft.IsMapChange;

    public override string? TraceParent => Publication.Draft.TraceParent;

    public override string? ReplaceKey => Publication.Draft.Key is { } key ? _replaceKey ??= string.Concat(Room, "\n", key) : null;
}

/// <summary>A user came or went.</summary>
internal sealed class PresenceEvent(string room, PresenceChange change) : RoomEvent(room)
{
    public PresenceChange Change { get; } = change;
}

/// <summary>The differences of the room's presence, for those who asked for them.</summary>
internal sealed class PresenceDifferenceEvent(string room, PresenceEntry[] users, int members, int total) : RoomEvent(room)
{
    public PresenceEntry[] Users { get; } = users;

    /// <summary>How many members there are.</summary>
    public int Members { get; } = members;

    /// <summary>How many users there are.</summary>
    public int Total { get; } = total;

    public override bool IsForPresence => true;
}

/// <summary>Differences of the room's presence were lost.</summary>
internal sealed class PresenceResetEvent(string room) : RoomEvent(room)
{
    public override bool IsForPresence => true;
}

/// <summary>A message that is not kept.</summary>
internal sealed class PassingEvent(string room, PublicationDraft message) : RoomEvent(room)
{
    public PublicationDraft Message { get; } = message;

    public override bool IsPassing => true;

    public override string? TraceParent => Message.TraceParent;
}

/// <summary>The sequence could not be followed: from here on it goes on after a position.</summary>
internal class ResetEvent(string room, RoomPosition position) : RoomEvent(room)
{
    public RoomPosition Position { get; } = position;
}

/// <summary>
/// The engine, which had been away, has said where the sequence stands. Members who had read further before it was asked have read
/// publications that are lost.
/// </summary>
internal sealed class VerifiedEvent(string room, RoomPosition position, int verification) : ResetEvent(room, position)
{
    /// <summary>Whether a position, which was read behind a verification, is of publications that are lost.</summary>
    public bool Refutes(RoomPosition read, int behind) =>
        behind < verification && read.Epoch == Position.Epoch && read.Offset > Position.Offset;
}

/// <summary>The answer to a join: where the member begins, and what it is given of what came before.</summary>
internal sealed class JoinedEvent(string room, int members, RoomPosition position, string? id) : RoomEvent(room)
{
    public int Members { get; } = members;

    public RoomPosition Position { get; } = position;

    public bool Recovered { get; init; }

    /// <summary>The room's verification behind which the position was read.</summary>
    public int Verification { get; init; }

    public IReadOnlyList<Publication> Publications { get; init; } = [];

    /// <summary>The room's map, if the member asked for it.</summary>
    public ShownMap? Map { get; init; }

    /// <summary>The room's presence, if the member asked for it.</summary>
    public ShownPresence? Presence { get; init; }

    /// <summary>Up to where the member's user has read, where the room keeps that.</summary>
    public ReadMarker? Marker { get; init; }

    /// <summary>The room's state, if the member asked for it.</summary>
    public RoomState? State { get; init; }

    /// <summary>The request's id.</summary>
    public string? Id { get; } = id;
}
