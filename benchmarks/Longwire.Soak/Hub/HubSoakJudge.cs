using System.Globalization;

namespace Longwire.Soak;

/// <summary>
/// Knows what each client was told, and finds what is lost, doubled, out of order or different without the client having been told so.
/// Thread-safe.
/// </summary>
internal sealed class HubSoakJudge
{
    private const int MostFaults = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Room, string Epoch, long Offset), string> _contents = [];
    private readonly Dictionary<string, (string Room, string Epoch, long Offset)> _published = [];
    private readonly Dictionary<(string Room, string Epoch, long Offset), string> _acked = [];
    private readonly Dictionary<(int Client, string Room), (string Epoch, long Offset)> _positions = [];
    private readonly List<string> _faults = [];

    /// <summary>The faults found; the first of them only.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Whether something was wrong: then there is nothing more to find out.</summary>
    public bool IsDone
    {
        get
        {
            lock (_gate)
            {
                return _faults.Count > 0;
            }
        }
    }

    public long Deliveries { get; private set; }

    public long Acks { get; private set; }

    /// <summary>How often a client got all that it had missed, and how often it was told that it could not.</summary>
    public long Recoveries { get; private set; }

    public long Resets { get; private set; }

    /// <summary>Where a client stands in a room; null before it has joined.</summary>
    public (string Epoch, long Offset)? PositionOf(int client, string room)
    {
        lock (_gate)
        {
            return _positions.TryGetValue((client, room), out (string, long) position) ? position : null;
        }
    }

    /// <summary>A client has joined; what it recovered is delivered first.</summary>
    public void Joined(int client, string room, string epoch, long offset, bool hadPosition, bool recovered)
    {
        lock (_gate)
        {
            if (recovered && hadPosition)
            {
                Recoveries++;
                (string Epoch, long Offset) before = _positions[(client, room)];
                if (before != (epoch, offset))
                {
                    Add($"client {client} recovered {room} to {epoch}/{offset}, and has got {before.Epoch}/{before.Offset}");
                }
            }
            else if (hadPosition)
            {
                Resets++;
            }

            _positions[(client, room)] = (epoch, offset);
        }
    }

    /// <summary>A client was told that something is missing to it.</summary>
    public void Reset(int client, string room, string epoch, long offset)
    {
        lock (_gate)
        {
            Resets++;
            _positions[(client, room)] = (epoch, offset);
        }
    }

    public void Delivered(int client, string room, string epoch, long offset, string content)
    {
        lock (_gate)
        {
            Deliveries++;
            (string Epoch, long Offset) before = _positions.GetValueOrDefault((client, room), ("", 0));
            if (before.Epoch != epoch || before.Offset + 1 != offset)
            {
                Add($"client {client} got {epoch}/{offset} of {room} behind {before.Epoch}/{before.Offset}");
            }

            _positions[(client, room)] = (epoch, offset);
            if (!_contents.TryAdd((room, epoch, offset), content) && _contents[(room, epoch, offset)] != content)
            {
                Add($"client {client} got another message at {epoch}/{offset} of {room} than others");
            }

            if (!_published.TryAdd(content, (room, epoch, offset)) && _published[content] != (room, epoch, offset))
            {
                Add($"\"{content}\" was published twice: {_published[content]} and {(room, epoch, offset)}");
            }
        }
    }

    public void Acked(string room, string epoch, long offset, string content)
    {
        lock (_gate)
        {
            Acks++;
            _acked[(room, epoch, offset)] = content;
        }
    }

    /// <summary>At the end, when a client has nothing more to get.</summary>
    public void End(int client, string room, string epoch, long offset)
    {
        lock (_gate)
        {
            if (_positions.GetValueOrDefault((client, room), ("", 0)) is var last && last != (epoch, offset))
            {
                Add($"client {client} ends at {last} of {room}, which is at {epoch}/{offset}");
            }
        }
    }

    /// <summary>At the end, when everybody has got everything: what was acked has been published, there and nowhere else.</summary>
    public void EndOfAll()
    {
        lock (_gate)
        {
            foreach (((string Room, string Epoch, long Offset) place, string content) in _acked)
            {
                if (_contents.GetValueOrDefault(place) is var published && published != content)
                {
                    Add($"\"{content}\" was acked at {place}, where \"{published}\" was published");
                }
            }
        }
    }

    public void Add(string fault)
    {
        lock (_gate)
        {
            if (_faults.Count < MostFaults)
            {
                _faults.Add(fault);
            }
        }
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{_published.Count:N0} published, {Acks:N0} acks, {Deliveries:N0} deliveries, {Recoveries:N0} recoveries, {Resets:N0} told that something is missing"
        );
}
