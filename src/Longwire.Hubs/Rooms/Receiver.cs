namespace Longwire.Hubs;

/// <summary>A member while it is told what happens in a room. Only its lane touches what may be set, but for what the room's lock guards.</summary>
internal sealed class Receiver(IRoomMember member)
{
    private string _epoch = "";
    private long _offset;

    public IRoomMember Member { get; } = member;

    /// <summary>Where it is among its lane's receivers; negative when nothing is delivered to it.</summary>
    public int Index { get; set; } = -1;

    /// <summary>What came while its history is being read; null when it gets everything at once.</summary>
    public List<RoomEvent>? Held { get; set; }

    /// <summary>Whether its lane will have it when all that is queued is done. The room's lock guards it.</summary>
    public bool IsExpected { get; set; }

    /// <summary>The sequence that the member follows begins after this.</summary>
    public void StartAfter(RoomPosition position) => (_epoch, _offset) = (position.Epoch, position.Offset);

    /// <summary>Whether the member has to be told: it may have got it already, with its history.</summary>
    public bool Wants(RoomEvent told)
    {
        switch (told)
        {
            case PublicationEvent { Publication.Position: var position }:
                // Without an epoch it began before the room was subscribed to, and nothing was told it before.
                return _epoch.Length == 0 || (position.Epoch == _epoch && position.Offset > _offset);
            case ResetEvent reset:
                StartAfter(reset.Position);
                return true;
            default:
                return true;
        }
    }
}
