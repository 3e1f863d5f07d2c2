namespace Longwire.Hubs;

/// <summary>
/// A member while it is told what happens in a room. Only its lane touches what may be set, but for what the room's lock guards.
/// </summary>
internal sealed class Receiver(IRoomMember member)
{
    private RoomPosition _position = new("", 0);
    private RoomState? _state;

    public IRoomMember Member { get; } = member;

    /// <summary>Where it is among its lane's receivers; negative when nothing is delivered to it.</summary>
    public int Index { get; set; } = -1;

    /// <summary>What came while its history is being read; null when it gets everything at once.</summary>
    public List<RoomEvent>? Held { get; set; }

    /// <summary>Whether its lane will have it when all that is queued is done. The room's lock guards it.</summary>
    public bool IsExpected { get; set; }

    /// <summary>The sequence that the member follows begins where it was told that it has joined.</summary>
    public void StartAfter(JoinedEvent joined) => (_position, _state) = (joined.Position, joined.State);

    /// <summary>
    /// Whether the member has to be told: it may have got it already, with its history. What does not follow what it has got comes behind a
    /// gap, of which the member is to be told first.
    /// </summary>
    public bool Wants(RoomEvent told, out RoomPosition? gapBefore)
    {
        gapBefore = null;
        switch (told)
        {
            case PublicationEvent { Publication: var publication }:
                RoomPosition position = publication.Position;
                if (position.Epoch == _position.Epoch && position.Offset <= _position.Offset)
                {
                    return false;
                }

                // Without an epoch it began before the room was subscribed to, and was told nothing before.
                if (_position.Epoch.Length > 0 && !publication.Follows(_position))
                {
                    gapBefore = position with { Offset = position.Offset - 1, Tag = publication.PreviousTag };
                }

                _position = position;
                return !IsInState(publication.Draft);
            case ResetEvent reset when reset.Position == _position:
                return false;
            case ResetEvent reset:
                _position = reset.Position;
                return true;
            default:
                return true;
        }
    }

    /// <summary>Whether the state that the member was shown is as new as what is published.</summary>
    private bool IsInState(PublicationDraft draft) =>
        _state is { Version: { } version } && draft.Version <= version && draft.Key == _state.Key;
}
