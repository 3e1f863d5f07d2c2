namespace Longwire.Fuzzing;

/// <content>Maps, and up to where users have read.</content>
internal sealed partial class HubModel
{
    /// <summary>How many keys a map may have.</summary>
    public const int MostKeys = 4;

    private readonly Dictionary<(string Room, string User), long> _read = [];

    /// <summary>The store has answered a change of a map. The position is that of the change, if one was made.</summary>
    public void OnChange(string room, MapChange change, IdempotencyKey? key, MapResult result, RoomPosition position)
    {
        RoomModel model = RoomOf(room);
        if (key is { } given && model.Keys.TryGetValue(given, out Entry? known))
        {
            Require(result.Outcome == MapOutcome.Repeated, $"{change.Key} was changed before, and is {result.Outcome}");
            Require(result.Version == known.Position.Offset, $"{change.Key} was changed at {known.Position}, not at {result.Version}");
            return;
        }

        Entry? newest = NewestOf(model, change.Key);
        bool isThere = newest is { Text: var text } && !text.StartsWith('-');
        long version = isThere ? newest!.Position.Offset : 0;
        if (change.IfVersion is { } expected && expected != version)
        {
            Require(
                result == new MapResult(MapOutcome.Conflict, version),
                $"{change.Key} has version {version}, and a change of {expected} is {result}"
            );
            return;
        }

        if (change.Value is null && !isThere)
        {
            Require(result == new MapResult(MapOutcome.Unchanged, 0), $"{change.Key} is not there, and its removal is {result}");
            return;
        }

        if (change.Value is not null && !isThere && KeysOf(model).Count() >= MostKeys)
        {
            Require(result == new MapResult(MapOutcome.Full, 0), $"The map is full, and {change.Key} is {result}");
            return;
        }

        Require(
            result == new MapResult(MapOutcome.Changed, model.Entries.Count + 1),
            $"{change.Key} is to be changed behind {model.Entries.Count}, and is {result}"
        );
        var entry = new Entry(position, TextOf(change.Key, change.Value), change.Key);
        model.Entries.Add(entry);
        model.KeptChanges = Math.Min(historySize, model.KeptChanges + 1);
        if (key is { } newKey)
        {
            model.Keys.Add(newKey, entry);
        }
    }

    /// <summary>A change as it stands in a log.</summary>
    public static string TextOf(string key, ReadOnlyMemory<byte>? value) =>
        value is { Length: > 0 } json ? $"{key}={System.Text.Encoding.UTF8.GetString(json.Span)}" : $"-{key}";

    /// <summary>A client was shown the first page of the map, or of what changed in it since a position.</summary>
    /// <param name="room">The room.</param>
    /// <param name="since">The position; null for the whole map.</param>
    /// <param name="known">The position that the client knows the map of; null for none.</param>
    /// <param name="upTo">The position behind which changes come live.</param>
    /// <param name="versions">The versions of the page's keys.</param>
    /// <param name="next">Behind which version more follows; null for none.</param>
    public void OnMap(string room, long? since, long? known, long upTo, IReadOnlyDictionary<string, long> versions, long? next)
    {
        Require(
            since is not null || known is not { } offset || MayBeLost(room, offset),
            $"The changes of {room} since {known} are known, and the whole map was sent"
        );
        IEnumerable<Entry> due = since is null ? KeysOf(RoomOf(room)) : NewestOf(RoomOf(room));
        Entry? missing = due.FirstOrDefault(entry =>
            entry.Position.Offset > (since ?? 0)
            && entry.Position.Offset <= Math.Min(upTo, next ?? long.MaxValue)
            && versions.GetValueOrDefault(entry.Key!) != entry.Position.Offset
        );
        Require(Losses > 0 || missing is null, $"A page of {room} since {since} lacks {missing}");
    }

    /// <summary>A client was given the newest messages of a room, up to a position.</summary>
    public void OnHistory(string room, long upTo, IReadOnlyList<(long Offset, string Text)> messages)
    {
        (long, string)[] expected =
        [
            .. RoomOf(room)
                .Entries.Where(entry => !entry.IsChange && entry.Position.Offset <= upTo)
                .TakeLast(messages.Count)
                .Select(static entry => (entry.Position.Offset, entry.Text)),
        ];
        Require(Losses > 0 || expected.SequenceEqual(messages), $"The newest of {room} are {string.Join(' ', messages)}");
    }

    /// <summary>The store has moved a marker, or was told to.</summary>
    public void OnMarked(string room, string user, long offset) =>
        _read[(room, user)] = Math.Max(offset, _read.GetValueOrDefault((room, user)));

    /// <summary>A client that joined was told up to where its user has read, and how much is unread.</summary>
    public void OnMarker(string room, string user, long read, long unread, long upTo)
    {
        if (Losses > 0)
        {
            return;
        }

        long marked = _read.GetValueOrDefault((room, user));
        Require(read <= marked, $"{user} has read {room} up to {marked}, and {read} is told");
        RoomModel model = RoomOf(room);
        int exact = model.Entries.Count(entry => !entry.IsChange && entry.Position.Offset > read && entry.Position.Offset <= upTo);
        bool isKnown = read == 0 || read >= model.DroppedMessage;
        Require(isKnown ? unread == exact : unread <= exact, $"{exact} of {room} are unread behind {read}, and {unread} are told");
    }

    /// <summary>The end: a client that joins now is told the newest marker.</summary>
    public void JudgeMarker(string room, string user, long read) =>
        Require(
            Losses > 0 || read == _read.GetValueOrDefault((room, user)),
            $"{user} has read {room} up to {_read.GetValueOrDefault((room, user))}, and {read} is remembered"
        );

    /// <summary>The end: all is delivered, and a client's map is the room's.</summary>
    public void JudgeMap(string client, string room, string map)
    {
        RoomModel model = RoomOf(room);
        IEnumerable<string> entries = KeysOf(model)
            .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
            .Select(static entry => $"{entry.Text}:{entry.Position.Offset}");
        string due = string.Join(' ', entries);
        Require(map == due, $"{client} has the map {map} in {room}, which is {due}");
    }

    private static IEnumerable<Entry> KeysOf(RoomModel room) => NewestOf(room).Where(static entry => !entry.Text.StartsWith('-'));

    private static IEnumerable<Entry> NewestOf(RoomModel room) =>
        room.Entries.Where(static entry => entry.IsChange).GroupBy(static entry => entry.Key).Select(static changes => changes.Last());

    private static Entry? NewestOf(RoomModel room, string key) => room.Entries.LastOrDefault(entry => entry.Key == key);
}
