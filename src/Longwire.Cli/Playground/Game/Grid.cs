namespace Longwire.Cli.Playground.Game;

/// <summary>The world in squares of 256 units: each knows what is in it, so that nobody looks through everything.</summary>
internal sealed class Grid
{
    private const int Shift = 12;
    private const int Squares = Ship.Size >> Shift;
    private const ushort None = ushort.MaxValue;

    private readonly ushort[] _first = new ushort[Squares * Squares];
    private readonly ushort[] _next = new ushort[World.MaxIds];
    private readonly Entity[] _entities = new Entity[World.MaxIds];

    public void Clear() => Array.Fill(_first, None);

    public void Add(in Entity entity)
    {
        ref ushort first = ref _first[((entity.Y >> Shift) * Squares) + (entity.X >> Shift)];
        _entities[entity.Id] = entity;
        _next[entity.Id] = first;
        first = entity.Id;
    }

    /// <summary>Finds what is at most so far away, in no order.</summary>
    /// <param name="x">The middle.</param>
    /// <param name="y">The middle.</param>
    /// <param name="halfWidth">How far to the left and to the right.</param>
    /// <param name="halfHeight">How far up and down.</param>
    /// <param name="found">Where to write it; when it is full, the rest is left out.</param>
    /// <returns>How much there is.</returns>
    public int Find(int x, int y, int halfWidth, int halfHeight, Span<Entity> found)
    {
        int count = 0;
        int right = Math.Min(Squares - 1, x + halfWidth >> Shift);
        int bottom = Math.Min(Squares - 1, y + halfHeight >> Shift);
        for (int row = Math.Max(0, y - halfHeight >> Shift); row <= bottom; row++)
        {
            for (int column = Math.Max(0, x - halfWidth >> Shift); column <= right; column++)
            {
                for (ushort id = _first[(row * Squares) + column]; id != None; id = _next[id])
                {
                    ref readonly Entity entity = ref _entities[id];
                    if (Math.Abs(entity.X - x) > halfWidth || Math.Abs(entity.Y - y) > halfHeight)
                    {
                        continue;
                    }

                    if (count == found.Length)
                    {
                        return count;
                    }

                    found[count++] = entity;
                }
            }
        }

        return count;
    }
}
