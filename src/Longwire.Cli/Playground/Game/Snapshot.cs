namespace Longwire.Cli.Playground.Game;

/// <summary>The things that a player was shown of one step, in the order of the ids.</summary>
internal sealed class Snapshot
{
    public const int HalfWidth = 1_000 * 16;
    public const int HalfHeight = 650 * 16;
    public const int MaxEntities = 300;

    private readonly Entity[] _entities = new Entity[MaxEntities];
    private int _count;

    /// <summary>The step; 0 for none.</summary>
    public int Step { get; private set; }

    public ReadOnlySpan<Entity> Entities => _entities.AsSpan(0, _count);

    /// <summary>A number that tells snapshots apart (FNV-1a over their fields): the page compares it with that of its own.</summary>
    public uint Hash
    {
        get
        {
            uint hash = 2_166_136_261;
            foreach (ref readonly Entity entity in Entities)
            {
                hash = (hash ^ entity.Id) * 16_777_619;
                hash = (hash ^ (uint)entity.Kind) * 16_777_619;
                hash = (hash ^ entity.X) * 16_777_619;
                hash = (hash ^ entity.Y) * 16_777_619;
                hash = (hash ^ entity.Worth) * 16_777_619;
            }

            return hash;
        }
    }

    public void Take(World world, Ship ship)
    {
        Step = world.StepNumber;
        _count = world.See(ship, _entities);
    }
}
