namespace Longwire.Hubs.Engines;

/// <summary>
/// Remembers the keys of publications. A producer has at most so many keys, and all of them together so many bytes: the oldest are
/// forgotten first. Thread-safe; calls for one room are made one at a time.
/// </summary>
internal sealed class IdempotencyMemory(int maxKeysOfProducer, long maxBytes, MonotonicClock clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Producer> _producers = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();
    private long _bytes;

    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>For how long keys are remembered at the present rate; without end when there is enough room.</summary>
    public TimeSpan Limit
    {
        get
        {
            lock (_gate)
            {
                return _order.First is { } oldest && _bytes > maxBytes / 2 ? clock.Now - oldest.Value.At : TimeSpan.MaxValue;
            }
        }
    }

    /// <summary>The earlier publication under a key; null for none.</summary>
    public PublishResult? Find(string room, IdempotencyKey key, ulong fingerprint)
    {
        lock (_gate)
        {
            Trim();
            return
                _producers.TryGetValue(key.Producer, out Producer? producer)
                && producer.Keys.TryGetValue((room, key.Request), out LinkedListNode<Entry>? node)
                ? new PublishResult(
                    node.Value.Position,
                    node.Value.Fingerprint == fingerprint ? PublishOutcome.Repeated : PublishOutcome.IdReused
                )
                : null;
        }
    }

    public void Add(string room, IdempotencyKey key, ulong fingerprint, RoomPosition position, TimeSpan age)
    {
        if (maxKeysOfProducer == 0 || age <= TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            if (!_producers.TryGetValue(key.Producer, out Producer? producer))
            {
                _producers.Add(key.Producer, producer = new Producer(key.Producer));
            }

            var entry = new Entry(producer, room, key.Request, fingerprint, position, clock.Now, clock.After(age));
            LinkedListNode<Entry> node = _order.AddLast(entry);
            producer.Keys.Add((room, key.Request), node);
            producer.Order.Enqueue(node);
            _bytes += entry.Bytes;
            while (producer.Keys.Count > maxKeysOfProducer)
            {
                Remove(producer.Order.Peek());
            }

            while (_bytes > maxBytes && _order.Count > 1)
            {
                Remove(_order.First!);
            }
        }
    }

    /// <summary>Forgets what was published in a room after a position.</summary>
    public void Forget(string room, long afterOffset)
    {
        lock (_gate)
        {
            for (LinkedListNode<Entry>? node = _order.First; node is not null; )
            {
                LinkedListNode<Entry>? next = node.Next;
                if (node.Value.Room == room && node.Value.Position.Offset > afterOffset)
                {
                    Remove(node);
                }

                node = next;
            }
        }
    }

    private void Trim()
    {
        TimeSpan now = clock.Now;
        while (_order.First is { } oldest && now >= oldest.Value.Until)
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        Entry entry = node.Value;
        Producer producer = entry.Producer;
        _order.Remove(node);
        _bytes -= entry.Bytes;
        producer.Keys.Remove((entry.Room, entry.Request));
        while (producer.Order.TryPeek(out LinkedListNode<Entry>? first) && first.List is null)
        {
            producer.Order.Dequeue();
        }

        if (producer.Keys.Count == 0)
        {
            _producers.Remove(producer.Name);
        }
    }

    private sealed class Producer(string name)
    {
        public string Name { get; } = name;

        public Dictionary<(string Room, string Request), LinkedListNode<Entry>> Keys { get; } = [];

        /// <summary>Oldest first; those that are in no list any more are forgotten already.</summary>
        public Queue<LinkedListNode<Entry>> Order { get; } = new();
    }

    private sealed record Entry(
        Producer Producer,
        string Room,
        string Request,
        ulong Fingerprint,
        RoomPosition Position,
        TimeSpan At,
        TimeSpan Until
    )
    {
        /// <summary>About what remembering it takes: the request's text, and the entries of a dictionary, a list and a queue.</summary>
        public int Bytes => 256 + (sizeof(char) * Request.Length);
    }
}
