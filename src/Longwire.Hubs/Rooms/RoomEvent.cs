namespace Longwire.Hubs;

/// <summary>
/// Something that members of a room are told. It has no wire format: a protocol makes its frame once, for all who get it.
/// </summary>
internal abstract class RoomEvent(string room)
{
    private PreparedMessage? _frame;

    public string Room { get; } = room;

    /// <summary>The key under which a later event takes the place of this one where it waits for a slow member; null for none.</summary>
    public virtual string? ReplaceKey => null;

    /// <summary>Whether it may be left out where the member's queue is full: it is not part of any sequence.</summary>
    public virtual bool IsPassing => false;

    /// <summary>The frame by the one protocol there is. Two threads may make it at once; both are the same.</summary>
    public PreparedMessage FrameBy(Func<RoomEvent, PreparedMessage> protocol) => _frame ??= protocol(this);
}

/// <summary>A publication, in its order.</summary>
internal sealed class PublicationEvent(string room, Publication publication) : RoomEvent(room)
{
    private string? _replaceKey;

    public Publication Publication { get; } = publication;

    public override string? ReplaceKey => Publication.Draft.Key is { } key ? _replaceKey ??= string.Concat(Room, "\n", key) : null;
}

/// <summary>A user came or went.</summary>
internal sealed class PresenceEvent(string room, PresenceChange change) : RoomEvent(room)
{
    public PresenceChange Change { get; } = change;
}

/// <summary>A message that is not kept.</summary>
internal sealed class PassingEvent(string room, PublicationDraft message) : RoomEvent(room)
{
    public PublicationDraft Message { get; } = message;

    public override bool IsPassing => true;
}

/// <summary>The sequence could not be followed: from here on it goes on after a position.</summary>
internal sealed class ResetEvent(string room, RoomPosition position) : RoomEvent(room)
{
    public RoomPosition Position { get; } = position;
}

/// <summary>The answer to a join: where the member begins, and what it is given of what came before.</summary>
internal sealed class JoinedEvent(string room, int members, RoomPosition position, string? id) : RoomEvent(room)
{
    public int Members { get; } = members;

    public RoomPosition Position { get; } = position;

    public bool Recovered { get; init; }

    public IReadOnlyList<Publication> Publications { get; init; } = [];

    /// <summary>The room's state, if the member asked for it.</summary>
    public RoomState? State { get; init; }

    /// <summary>The request's id.</summary>
    public string? Id { get; } = id;
}
