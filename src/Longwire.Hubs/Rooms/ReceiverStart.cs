namespace Longwire.Hubs;

/// <summary>
/// Where a receiver stands that began elsewhere than its lane: behind a history that was read, or a state that was loaded. Its lane drops
/// it when the two have met.
/// </summary>
internal sealed class ReceiverStart(RoomPosition position, RoomState? state = null, int verification = 0)
{
    public RoomPosition Position { get; private set; } = position;

    /// <summary>The room's verification behind which the position was read.</summary>
    public int Verification => verification;

    /// <summary>Events held back while the member's history is being read; null when delivery is live.</summary>
    public List<RoomEvent>? Held { get; set; }

    /// <summary>Whether nothing but its position sets the receiver apart: a state with a version may cover publications to come.</summary>
    public bool IsSettled => Held is null && state is not { Version: not null };

    /// <summary>
    /// Whether the event is delivered: the member may have it already, from its history. An event that doesn't follow the last one comes
    /// behind a gap, of which the member is to be told first.
    /// </summary>
    public bool Wants(RoomEvent told, out RoomPosition? gapBefore)
    {
        gapBefore = null;
        switch (told)
        {
            case PublicationEvent { Publication: var publication }:
                if (publication.IsPartOf(Position))
                {
                    return false;
                }

                gapBefore = publication.GapBehind(Position);
                Position = publication.Position;
                return state?.Covers(publication.Draft) != true;
            case VerifiedEvent verified when !verified.Refutes(Position, Verification):
                return false;
            case ResetEvent reset when reset.Position == Position:
                return false;
            case ResetEvent reset:
                Position = reset.Position;
                return true;
            default:
                return true;
        }
    }
}
