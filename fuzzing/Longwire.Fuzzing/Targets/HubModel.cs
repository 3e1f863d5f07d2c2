namespace Longwire.Fuzzing;

/// <summary>
/// A hub's duties in the plainest terms: each room is a list, an id counts once, and whatever a client has is a part of the list
/// without a hole. The run tells it what happened; it throws at the first thing that must not be.
/// </summary>
internal sealed partial class HubModel(int historySize, int recoverable)
{
    private readonly Dictionary<string, RoomModel> _rooms = [];
    private readonly Dictionary<(string Text, bool IsAcked), int> _said = [];

    /// <summary>How often the store has lost publications: from then on a reset is no surprise.</summary>
    public int Losses { get; private set; }

    /// <summary>The outcomes of recoveries: granted, refused for a reason, and resets.</summary>
    public (int Granted, int Refused, int Resets) Recoveries { get; private set; }

    public static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new IllegalOutcomeException(otherwise);
        }
    }

    /// <summary>Whether a client that stands at a position has all that there is of a room.</summary>
    public bool IsNewest(string room, long offset, string tag)
    {
        lock (this)
        {
            List<Entry> entries = RoomOf(room).Entries;
            return offset == entries.Count && (offset == 0 || tag == $"{entries[^1].Position.Tag:x16}");
        }
    }

    /// <summary>How many publications a room has had.</summary>
    public int Published(string room) => RoomOf(room).Entries.Count;

    /// <summary>The store has answered a request to publish.</summary>
    public void OnPublish(string room, PublicationDraft draft, IdempotencyKey? key, PublishResult result)
    {
        RoomModel model = RoomOf(room);
        if (key is { } given && model.Keys.TryGetValue(given, out Entry? known))
        {
            Require(result.Outcome == PublishOutcome.Repeated, $"{draft.Text()} was published before, and is {result.Outcome}");
            Require(result.Position == known.Position, $"{draft.Text()} was published at {known.Position}, not at {result.Position}");
            return;
        }

        Require(result.Outcome == PublishOutcome.Published, $"{draft.Text()} is new, and is {result.Outcome}");
        Require(
            result.Position.Offset == model.Entries.Count + 1,
            $"{draft.Text()} has offset {result.Position.Offset} behind {model.Entries.Count}"
        );
        var entry = new Entry(result.Position, draft.Text(), Key: null);
        model.Entries.Add(entry);
        model.KeptMessages = Math.Min(RoomNames.IsOwn(room) ? HubRun.OwnHistorySize : historySize, model.KeptMessages + 1);
        if (key is { } newKey)
        {
            model.Keys.Add(newKey, entry);
        }
    }

    /// <summary>The store loses the newest publications of each room, and with them what it knew of their keys.</summary>
    public void OnLoss(int publications)
    {
        Losses++;
        foreach (RoomModel room in _rooms.Values)
        {
            // Only what is kept is there to be lost.
            for (int lost = 0; lost < publications && room.Entries.Count > 0; lost++)
            {
                Entry entry = room.Entries[^1];
                if ((entry.IsChange ? room.KeptChanges : room.KeptMessages) == 0)
                {
                    break;
                }

                room.Forget(entry);
                foreach (IdempotencyKey key in room.Keys.Where(known => known.Value == entry).Select(known => known.Key).ToArray())
                {
                    room.Keys.Remove(key);
                }
            }
        }
    }

    /// <summary>A client has said something for the first time, or has its ack.</summary>
    public void OnSaid(string text, bool isAcked) => _said[(text, isAcked)] = _said.GetValueOrDefault((text, isAcked)) + 1;

    /// <summary>An ack says where a message is.</summary>
    public void OnAck(string room, long offset, string text)
    {
        List<Entry> entries = RoomOf(room).Entries;
        Require(
            Losses > 0 || (offset <= entries.Count && entries[(int)offset - 1].Text == text),
            $"The ack says that {text} is at {offset} of {room}, and it is not"
        );
        OnSaid(text, isAcked: true);
    }

    /// <summary>A client that asked to recover was told whether it did.</summary>
    public void OnRecovery(string room, long offset, bool recovered)
    {
        Recoveries = recovered
            ? (Recoveries.Granted + 1, Recoveries.Refused, Recoveries.Resets)
            : (Recoveries.Granted, Recoveries.Refused + 1, Recoveries.Resets);
        bool isMuch = RoomOf(room).Entries.Count - offset > recoverable;
        Require(recovered || isMuch || MayBeLost(room, offset), $"What follows {offset} of {room} could be recovered, and was not");
    }

    /// <summary>A client was shown how much had been published, and follows what comes behind a position.</summary>
    public void OnState(string room, long published, long offset) =>
        Require(Losses > 0 || published >= offset, $"What is shown of {room} has {published}, and what follows begins behind {offset}");

    /// <summary>A client was told that something was lost.</summary>
    public void OnReset(string room, long offset)
    {
        Recoveries = (Recoveries.Granted, Recoveries.Refused, Recoveries.Resets + 1);
        Require(MayBeLost(room, offset), $"Nothing was lost behind {offset} of {room}, and a client was told so");
    }

    /// <summary>The end: all is delivered. From its position on, a client has everything that was published, and nothing else.</summary>
    public void JudgeLog(string client, string room, long start, IReadOnlyList<(long Offset, string Tag, string Text)> log)
    {
        Entry[] expected = [.. RoomOf(room).Entries.Skip((int)start)];
        for (int index = 0; index < Math.Max(expected.Length, log.Count); index++)
        {
            string has = index < log.Count ? $"{log[index].Offset} {log[index].Tag} {log[index].Text}" : "nothing";
            string due = index < expected.Length ? expected[index].ToString() : "nothing";
            Require(has == due, $"{client} has {has} in {room} where {due} was published");
        }
    }

    /// <summary>The end: each thing said is there once for each client that said it, or not at all if its ack never came.</summary>
    public void JudgeOnce()
    {
        ILookup<string, Entry> published = _rooms.Values.SelectMany(static room => room.Entries).ToLookup(static entry => entry.Text);
        foreach (string text in _said.Keys.Select(static said => said.Text).Distinct())
        {
            int count = published[text].Count();
            int said = _said.GetValueOrDefault((text, false));
            int acked = _said.GetValueOrDefault((text, true));
            Require(count <= said, $"{text} was said by {said} and is there {count} times");
            Require(count >= acked || Losses > 0, $"{text} was acknowledged to {acked} and is there {count} times");
        }
    }

    private bool MayBeLost(string room, long offset) => Losses > 0 || RoomOf(room).Dropped > offset;

    private RoomModel RoomOf(string room)
    {
        if (!_rooms.TryGetValue(room, out RoomModel? model))
        {
            _rooms.Add(room, model = new RoomModel());
        }

        return model;
    }

    private sealed class RoomModel
    {
        public List<Entry> Entries { get; } = [];

        public Dictionary<IdempotencyKey, Entry> Keys { get; } = [];

        public int KeptMessages { get; set; }

        public int KeptChanges { get; set; }

        /// <summary>The newest offset of which nothing is kept.</summary>
        public long Dropped => Math.Max(NewestDropped(KeptMessages, isChange: false), NewestDropped(KeptChanges, isChange: true));

        public long DroppedMessage => NewestDropped(KeptMessages, isChange: false);

        /// <summary>The store has lost the newest entry.</summary>
        public void Forget(Entry entry)
        {
            Entries.Remove(entry);
            (KeptMessages, KeptChanges) = entry.IsChange ? (KeptMessages, KeptChanges - 1) : (KeptMessages - 1, KeptChanges);
        }

        private long NewestDropped(int kept, bool isChange) =>
            Entries.Where(entry => entry.IsChange == isChange).SkipLast(kept).LastOrDefault()?.Position.Offset ?? 0;
    }

    private sealed record Entry(RoomPosition Position, string Text, string? Key)
    {
        public bool IsChange => Key is not null;

        public override string ToString() => $"{Position.Offset} {Position.Tag:x16} {Text}";
    }
}
