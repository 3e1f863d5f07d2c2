namespace Longwire.Hubs.Engines;

/// <summary>
/// The engine within one process: the default, and the reference that the others are measured by. Alone it is one node; several on one
/// <see cref="MemoryHubStore"/> are as many. Everything completes synchronously while the node's link is open.
/// </summary>
public sealed class MemoryHubEngine : IHubEngine
{
    private readonly MemoryHubStore _store;
    private readonly MemoryLink _link;

    /// <summary>Creates the engine of a node that is alone.</summary>
    /// <param name="timeProvider">The clock for ages. Default: the system's.</param>
    /// <param name="fillRandom">Fills bytes for the names of epochs and for tags. Default: the system's cryptographic source.</param>
    public MemoryHubEngine(TimeProvider? timeProvider = null, Action<Span<byte>>? fillRandom = null)
        : this(new MemoryHubStore(timeProvider, fillRandom), isAlone: true) { }

    /// <summary>Creates the engine of one node of several.</summary>
    /// <param name="store">The store that the nodes share.</param>
    public MemoryHubEngine(MemoryHubStore store)
        : this(store, isAlone: false) { }

    private MemoryHubEngine(MemoryHubStore store, bool isAlone)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _link = new MemoryLink(store);
        Publications = new MemoryPublicationStore(store, _link);
        Maps = new MemoryMapStore(store, _link);
        Presence = new MemoryPresenceStore(store, _link);
        Users = new MemoryUserStore(store, _link);
        Sessions = new MemorySessionStore(store, _link, isAlone);
        Nodes = new MemoryNodeBus(store, _link);
    }

    /// <inheritdoc/>
    public IPublicationStore Publications { get; }

    /// <inheritdoc/>
    public IMapStore Maps { get; }

    /// <inheritdoc/>
    public IPresenceStore Presence { get; }

    /// <inheritdoc/>
    public IUserStore Users { get; }

    /// <inheritdoc/>
    public ISessionStore Sessions { get; }

    /// <inheritdoc/>
    public INodeBus Nodes { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        _link.Start(node);
        _store.AddNode(_link);
        return default;
    }

    /// <summary>Cuts the node off: its calls fail, and what it would be told is lost. For tests.</summary>
    public void Cut() => _link.Cut();

    /// <summary>Keeps the node waiting: its calls and what it would be told, until <see cref="Heal"/>. For tests.</summary>
    public void Freeze() => _link.Freeze();

    /// <summary>Ends what <see cref="Cut"/> or <see cref="Freeze"/> began.</summary>
    public void Heal() => _link.Heal();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _link.Close();
        return default;
    }
}
