namespace Longwire.Hubs;

/// <content>
/// The room's sequence. Each publication is compared with the one before. When one is missing, what is live is held, what is missing is
/// read and told in order, and then what was held; when that is not possible, every member is told <c>room-reset</c>.
/// </content>
public sealed partial class Room
{
    /// <summary>How many publications may wait for the members before the room reads them later instead.</summary>
    private const int MaxWaiting = 16_384;

    private static readonly TimeSpan _repairAgainAfter = TimeSpan.FromSeconds(1);

    private RoomPosition _position = new("", 0);
    private Phase _phase;
    private List<Publication>? _held;
    private bool _mayMissMore;
    private int _verification;
    private int _verified;
    private TimeSpan _repairAt = MonotonicClock.Never;
    private PositionWaits? _waits;

    private enum Phase : byte
    {
        /// <summary>Where the sequence begins is not known yet.</summary>
        Subscribing,

        /// <summary>Publications are told as they come.</summary>
        Live,

        /// <summary>Something is missing, or may be, and is being read.</summary>
        Repairing,
    }

    internal bool IsSubscribed
    {
        get
        {
            lock (_fanOut)
            {
                return _phase != Phase.Subscribing;
            }
        }
    }

    /// <summary>How often the engine was asked whether anything is missing. Publications read before the last time may be lost.</summary>
    internal int Verification
    {
        get
        {
            lock (_fanOut)
            {
                return _verification;
            }
        }
    }

    /// <summary>A room of the hub's own that the node hears of before it has subscribed: it follows what comes behind a position.</summary>
    internal void BeginAfter(RoomPosition position)
    {
        lock (_fanOut)
        {
            _position = position;
            _phase = Phase.Live;
        }
    }

    /// <summary>The engine has subscribed this node.</summary>
    /// <param name="position">Where the room stood then.</param>
    /// <param name="heard">Whether the node has heard of all that was published since the room was opened here.</param>
    internal void OnSubscribed(RoomPosition position, bool heard = false)
    {
        bool isComplete;
        TaskCompletionSource? subscribed;
        lock (_fanOut)
        {
            if (_phase != Phase.Subscribing)
            {
                return;
            }

            _position = heard && _held is [var first, ..] ? first.PositionBefore : position;
            isComplete = TakeHeld() && !(heard && _position.Offset < position.Offset);
            _phase = isComplete ? Phase.Live : Phase.Repairing;
            subscribed = _subscribed;
        }

        if (!isComplete)
        {
            _ = RepairAsync();
        }

        subscribed?.SetResult();
        _fanOut.Run();
    }

    internal void OnPublication(Publication publication)
    {
        bool repair = false;
        lock (_fanOut)
        {
            if (_phase == Phase.Live && publication.Follows(_position) && _fanOut.Waiting < MaxWaiting)
            {
                Take(publication);
            }
            else if (_phase == Phase.Live && publication.Position == _position)
            {
                // The engine said so once more.
                return;
            }
            else
            {
                Hold(publication);
                repair = _phase == Phase.Live;
                _phase = repair ? Phase.Repairing : _phase;
            }
        }

        if (repair)
        {
            _ = RepairAsync();
        }

        FanOutScope.Note(_fanOut);
    }

    /// <summary>Asks the engine whether anything is missing: it was away, or does not promise to tell everything.</summary>
    internal void Verify()
    {
        _ = VerifyPresenceAsync();
        lock (_fanOut)
        {
            _verification++;
            _waits?.ReadAgain();
            if (_phase != Phase.Live)
            {
                // The history being read now may have been read before.
                _mayMissMore = true;
                _repairAt = _repairAt == MonotonicClock.Never ? _repairAt : TimeSpan.Zero;
                return;
            }

            _phase = Phase.Repairing;
        }

        _ = RepairAsync();
    }

    /// <summary>
    /// Completes when a member has been told everything up to a position that was read from the engine. False when that is lost, or the
    /// engine was away since: it has to be read again.
    /// </summary>
    /// <param name="receiver">The member.</param>
    /// <param name="position">The position.</param>
    /// <param name="verification">The room's verification before it was read.</param>
    /// <exception cref="HubUnavailableException">Nobody tells the room, and the engine does not when it is asked.</exception>
    internal async ValueTask<bool> TryReachAsync(Receiver receiver, RoomPosition position, int verification)
    {
        Task<bool> reached;
        lock (_fanOut)
        {
            // While the room reads what it missed, it may be in a sequence that is lost.
            bool isHere = _phase == Phase.Live && position.Epoch == _position.Epoch && position.Offset <= _position.Offset;
            reached =
                _verification != verification ? Task.FromResult(false)
                : isHere ? Task.FromResult(position.IsPartOf(_position))
                : (_waits ??= new PositionWaits()).Add(position);
        }

        if (!await reached.WaitAsync(_node.Stopping).ConfigureAwait(false))
        {
            return false;
        }

        TaskCompletionSource told = NewSource();
        Enqueue(new LaneItem(LaneItemKind.Reach) { Receiver = receiver, Done = told });
        await told.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Tries again what failed, when it is time. The node's clock calls this every second.</summary>
    internal void RepairAgain(TimeSpan now)
    {
        bool isRepairDue;
        bool isPresenceDue;
        lock (_fanOut)
        {
            // A publication that was read and does not come may have been lost on its way to this node.
            isRepairDue = _phase == Phase.Repairing ? now >= _repairAt : _phase == Phase.Live && _waits is { IsEmpty: false };
            isPresenceDue = now >= _presenceAt;
            _repairAt = isRepairDue ? MonotonicClock.Never : _repairAt;
            _phase = isRepairDue ? Phase.Repairing : _phase;
            _presenceAt = isPresenceDue ? MonotonicClock.Never : _presenceAt;
        }

        // The first failure was logged.
        if (isRepairDue)
        {
            _ = RepairAsync(log: false);
        }

        if (isPresenceDue)
        {
            _ = VerifyPresenceAsync(log: false);
        }
    }

    /// <summary>Reads what is missing until nothing is. Never throws.</summary>
    private async Task RepairAsync(bool log = true)
    {
        try
        {
            // Events not delivered yet come first; meanwhile nothing more is queued.
            await Roomy.ConfigureAwait(false);
            bool isComplete = false;
            while (!isComplete)
            {
                RoomPosition since;
                int verification;
                lock (_fanOut)
                {
                    since = _position;
                    verification = _verification;
                    _mayMissMore = false;
                    // Publications told before the engine is asked are in its answer, or lost.
                    _held = null;
                }

                var query = new HistoryQuery
                {
                    Since = since.Offset,
                    Limit = _node.Settings.MaxHistoryMessages,
                    WithChanges = true,
                };
                HistoryPage page = await _node.Engine.Publications.ReadHistoryAsync(Name, query, _node.Stopping).ConfigureAwait(false);
                lock (_fanOut)
                {
                    isComplete = TakePage(page);
                    TellVerified(page.Position, verification);
                    isComplete = isComplete && TakeHeld();
                    _phase = isComplete ? Phase.Live : Phase.Repairing;
                    if (isComplete)
                    {
                        // They wait for more than the engine knows.
                        _waits?.ReadAgain();
                    }
                }

                _fanOut.Run();
                await Roomy.ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            if (log && !_node.IsStopping)
            {
                _node.Log.EngineUnavailable(exception, "repair");
            }

            lock (_fanOut)
            {
                _repairAt = _node.Clock.After(_repairAgainAfter);
                _waits?.Fail(exception);
            }
        }
    }

    /// <summary>Takes what was read. False when there is more to read.</summary>
    private bool TakePage(HistoryPage page)
    {
        bool isBehindHistory =
            page.Position.Epoch == _position.Epoch
            && page.Publications.Count > 0
            && page.Publications[0].Position.Offset > _position.Offset + 1;
        if (!isBehindHistory && !page.ContinuesFrom(_position))
        {
            _position = page.Position;
            _waits?.ReadAgain();
            _node.Metrics.RoomReset();
            _fanOut.Tell(new ResetEvent(Name, page.Position));
            return true;
        }

        // Those that are told of a gap before the first of them are the members that it is missing to.
        foreach (Publication publication in page.Publications)
        {
            Take(publication);
        }

        return _position.Offset >= page.Position.Offset;
    }

    /// <summary>Tells members who had read further than the engine has that it is lost, if they have not been told.</summary>
    private void TellVerified(RoomPosition position, int verification)
    {
        if (_verified < verification)
        {
            _verified = verification;
            _fanOut.Tell(new VerifiedEvent(Name, position, verification));
        }
    }

    /// <summary>Takes what was held meanwhile. False when something is missing still.</summary>
    private bool TakeHeld()
    {
        List<Publication> held = _held ?? [];
        // Of another sequence: older than what was read, or newer, which reading again will tell.
        bool isComplete = held.RemoveAll(publication => publication.Position.Epoch != _position.Epoch) == 0;
        int next = 0;
        while (next < held.Count && held[next].IsPartOf(_position))
        {
            next++;
        }

        while (next < held.Count && held[next].Follows(_position))
        {
            Take(held[next++]);
        }

        isComplete &= next == held.Count && !_mayMissMore;
        _held = isComplete ? null : held[next..];
        return isComplete;
    }

    private void Take(Publication publication)
    {
        Trace?.Told(publication.Draft, publication.Position);
        _position = publication.Position;
        _fanOut.Tell(new PublicationEvent(Name, publication));
        _waits?.Reach(_position);
    }

    private void Hold(Publication publication)
    {
        _held ??= [];
        if (_held.Count < _node.Settings.MaxHistoryMessages)
        {
            _held.Add(publication);
        }
        else
        {
            // It is read from history instead, with those behind it.
            _mayMissMore = true;
        }
    }
}
