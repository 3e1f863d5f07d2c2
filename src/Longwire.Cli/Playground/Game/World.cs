namespace Longwire.Cli.Playground.Game;

/// <summary>Ships collect sparks, and drop some when they are rammed. The same seed and the same keys make the same world.</summary>
internal sealed class World
{
    public const int StepsPerSecond = 60;
    public const int MaxIds = 2_048;
    private const int MaxShips = 512;
    private const int FirstSpark = 1_024;
    private const int Sparks = 500;
    private const int MaxSparks = MaxIds - FirstSpark;
    private const int Reach = 20 * 16;
    private const int RammingSpeed = 110;
    private const int BotsLookAround = 15;
    private const int BotsSee = 500 * 16;

    private readonly Grid _grid = new();
    private readonly List<Ship> _ships = [];
    private readonly bool[] _isTaken = new bool[MaxShips];
    private readonly Entity[] _sparks = new Entity[MaxSparks];
    private readonly Entity[] _near = new Entity[64];
    private uint _random;

    /// <param name="seed">Where chance begins.</param>
    /// <param name="bots">How many ships steer themselves.</param>
    public World(uint seed, int bots)
    {
        _random = seed == 0 ? 1 : seed;
        for (int spark = 0; spark < Sparks; spark++)
        {
            Scatter(spark);
        }

        for (int bot = 0; bot < bots; bot++)
        {
            Add($"bot {bot + 1}", isBot: true);
        }

        FillGrid();
    }

    public int StepNumber { get; private set; }

    public IReadOnlyList<Ship> Ships => _ships;

    /// <summary>The things that a player can see, in the order of the ids.</summary>
    public int See(Ship ship, Span<Entity> seen)
    {
        int count = _grid.Find(ship.X, ship.Y, Snapshot.HalfWidth, Snapshot.HalfHeight, seen);
        seen[..count].Sort(static (one, other) => one.Id.CompareTo(other.Id));
        return count;
    }

    public Ship Add(string name, bool isBot = false)
    {
        int id = Array.IndexOf(_isTaken, false);
        _isTaken[id] = true;
        var ship = new Ship
        {
            Id = (ushort)id,
            Name = name,
            IsBot = isBot,
            X = Place(),
            Y = Place(),
        };
        _ships.Add(ship);
        return ship;
    }

    public void Remove(Ship ship)
    {
        _isTaken[ship.Id] = false;
        _ships.Remove(ship);
    }

    public void Step()
    {
        StepNumber++;
        foreach (Ship ship in _ships)
        {
            if (ship.IsBot && (StepNumber + ship.Id) % BotsLookAround == 0)
            {
                ship.Keys = LookAround(ship);
            }

            ship.Step();
        }

        FillGrid();
        foreach (Ship ship in _ships)
        {
            Collect(ship);
        }

        for (int first = 0; first < _ships.Count; first++)
        {
            for (int second = first + 1; second < _ships.Count; second++)
            {
                Meet(_ships[first], _ships[second]);
            }
        }

        FillGrid();
    }

    private void FillGrid()
    {
        _grid.Clear();
        foreach (Ship ship in _ships)
        {
            _grid.Add(ship.Entity);
        }

        foreach (ref readonly Entity spark in _sparks.AsSpan())
        {
            if (spark.Worth > 0)
            {
                _grid.Add(spark);
            }
        }
    }

    private void Collect(Ship ship)
    {
        int count = _grid.Find(ship.X, ship.Y, Reach, Reach, _near);
        foreach (ref readonly Entity near in _near.AsSpan(0, count))
        {
            int spark = near.Id - FirstSpark;
            if (near.Kind != EntityKind.Spark || _sparks[spark].Worth == 0)
            {
                continue;
            }

            ship.Score += _sparks[spark].Worth;
            _sparks[spark] = default;
            if (spark < Sparks)
            {
                Scatter(spark);
            }
        }
    }

    // Two that touch exchange their speeds; the slower one drops a quarter of what it has when the other came fast enough.
    private void Meet(Ship one, Ship other)
    {
        int x = other.X - one.X;
        int y = other.Y - one.Y;
        if (Math.Abs(x) >= 2 * Ship.Radius || Math.Abs(y) >= 2 * Ship.Radius || (x * x) + (y * y) >= 4 * Ship.Radius * Ship.Radius)
        {
            return;
        }

        int approach = ((one.SpeedX - other.SpeedX) * Math.Sign(x)) + ((one.SpeedY - other.SpeedY) * Math.Sign(y));
        if (approach <= 0)
        {
            return;
        }

        int speedOfOne = Math.Abs(one.SpeedX) + Math.Abs(one.SpeedY);
        int speedOfOther = Math.Abs(other.SpeedX) + Math.Abs(other.SpeedY);
        (one.SpeedX, other.SpeedX) = (other.SpeedX, one.SpeedX);
        (one.SpeedY, other.SpeedY) = (other.SpeedY, one.SpeedY);
        if (approach >= RammingSpeed && speedOfOne != speedOfOther)
        {
            Drop(speedOfOne < speedOfOther ? one : other);
        }
    }

    private void Drop(Ship ship)
    {
        int lost = ship.Score / 4;
        int spark = Sparks - 1;
        for (; lost > 0 && ++spark < MaxSparks; )
        {
            if (_sparks[spark].Worth > 0)
            {
                continue;
            }

            lost--;
            ship.Score--;
            _sparks[spark] = new Entity(
                (ushort)(FirstSpark + spark),
                EntityKind.Spark,
                Around(ship.X + (ship.SpeedX * 4)),
                Around(ship.Y + (ship.SpeedY * 4)),
                1
            );
        }
    }

    private void Scatter(int spark) =>
        _sparks[spark] = new Entity(
            (ushort)(FirstSpark + spark),
            EntityKind.Spark,
            (ushort)Place(),
            (ushort)Place(),
            (ushort)(Next(12) == 0 ? 5 : 1)
        );

    // To the nearest spark, or on.
    private int LookAround(Ship bot)
    {
        int count = _grid.Find(bot.X, bot.Y, BotsSee, BotsSee, _near);
        int nearest = int.MaxValue;
        int keys = bot.Keys == 0 || Next(8) == 0 ? 1 << Next(4) : bot.Keys;
        foreach (ref readonly Entity near in _near.AsSpan(0, count))
        {
            int x = near.X - bot.X;
            int y = near.Y - bot.Y;
            int distance = Math.Abs(x) + Math.Abs(y);
            if (near.Kind == EntityKind.Spark && distance < nearest)
            {
                nearest = distance;
                keys =
                    (
                        Math.Abs(x) < Ship.Radius ? 0
                        : x < 0 ? 1
                        : 2
                    )
                    | (
                        Math.Abs(y) < Ship.Radius ? 0
                        : y < 0 ? 4
                        : 8
                    );
            }
        }

        return keys;
    }

    private ushort Around(int place) => (ushort)Math.Clamp(place + Next(120 * 16) - (60 * 16), Ship.Radius, Ship.Size - 1 - Ship.Radius);

    private int Place() => Ship.Radius + Next(Ship.Size - (2 * Ship.Radius));

    // Marsaglia's xorshift.
    private int Next(int limit)
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return (int)(_random % (uint)limit);
    }
}
