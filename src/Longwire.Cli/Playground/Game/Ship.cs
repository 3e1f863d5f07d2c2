namespace Longwire.Cli.Playground.Game;

/// <summary>
/// A ship and how it moves: in whole numbers, so that the page, which steers ahead of the server, comes to the same places.
/// </summary>
internal sealed class Ship
{
    public const int Size = 1 << 16;
    public const int Radius = 12 * 16;
    private const int Straight = 7;
    private const int Diagonal = 5;
    private const int Friction = 16;

    public required ushort Id { get; init; }

    public required string Name { get; init; }

    public bool IsBot { get; init; }

    public int X { get; set; }

    public int Y { get; set; }

    public int SpeedX { get; set; }

    public int SpeedY { get; set; }

    public int Score { get; set; }

    /// <summary>The keys held: 1 left, 2 right, 4 up, 8 down.</summary>
    public int Keys { get; set; }

    public Entity Entity =>
        new(Id, IsBot ? EntityKind.Bot : EntityKind.Ship, (ushort)X, (ushort)Y, (ushort)Math.Min(Score, ushort.MaxValue));

    /// <summary>Moves by one step of the world.</summary>
    public void Step()
    {
        int right = (Keys >> 1 & 1) - (Keys & 1);
        int down = (Keys >> 3 & 1) - (Keys >> 2 & 1);
        int thrust = right != 0 && down != 0 ? Diagonal : Straight;
        (X, SpeedX) = Move(X, SpeedX, right * thrust);
        (Y, SpeedY) = Move(Y, SpeedY, down * thrust);
    }

    private static (int Place, int Speed) Move(int place, int speed, int thrust)
    {
        speed += thrust;
        speed -= speed / Friction;
        place += speed;
        return place < Radius ? (Radius, -speed / 2)
            : place > Size - 1 - Radius ? (Size - 1 - Radius, -speed / 2)
            : (place, speed);
    }
}
