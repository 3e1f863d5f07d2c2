namespace Longwire.Hubs.Specification;

/// <summary>
/// Nodes that share what an engine connects to, and the trouble that they may have with it. One test uses one world, from one thread; the
/// engines may call back from any.
/// </summary>
public abstract class HubWorld : IAsyncDisposable
{
    /// <summary>Makes the engine of a node, not started. The test starts it and disposes of it.</summary>
    /// <param name="name">The node's name.</param>
    public abstract ValueTask<IHubEngine> CreateEngineAsync(string name);

    /// <summary>Cuts a node off: its calls fail, and what it would be told is lost. The node is told that the engine is away.</summary>
    /// <param name="engine">The node's engine.</param>
    public abstract ValueTask CutAsync(IHubEngine engine);

    /// <summary>Keeps a node waiting: its calls, and what it would be told.</summary>
    /// <param name="engine">The node's engine.</param>
    public abstract ValueTask FreezeAsync(IHubEngine engine);

    /// <summary>Ends what <see cref="CutAsync"/> or <see cref="FreezeAsync"/> began.</summary>
    /// <param name="engine">The node's engine.</param>
    public abstract ValueTask HealAsync(IHubEngine engine);

    /// <summary>Loses the newest publications of every room that keeps history, as when a copy without them takes over.</summary>
    /// <param name="publications">How many of each room.</param>
    public abstract ValueTask LoseNewestAsync(int publications);

    /// <summary>The date, by whatever clock the engines go.</summary>
    public abstract DateTimeOffset Date { get; }

    /// <summary>Lets time pass, by whatever clock the engines go.</summary>
    /// <param name="time">How much.</param>
    public abstract ValueTask PassAsync(TimeSpan time);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
