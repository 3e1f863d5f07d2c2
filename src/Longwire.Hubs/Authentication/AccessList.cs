using System.Collections.Concurrent;
using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// The bans and revocations that hold: this node's copy of what the engine keeps, so that a handshake needs not ask, and goes by what is
/// known while the engine is away. Thread-safe.
/// </summary>
internal sealed class AccessList(NodeContext node, Action<AccessBlock> enforce)
{
    private const int PageSize = 1_000;

    /// <summary>
    /// For this long a block that has ended is remembered, so that an older page of the engine's does not bring back what was lifted.
    /// </summary>
    private static readonly TimeSpan _memory = TimeSpan.FromHours(1);

    /// <summary>For this long a session is revoked: a node that was cut off longer than that has lost its sessions anyway.</summary>
    private static readonly TimeSpan _sessionAge = TimeSpan.FromDays(1);

    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    // For each kind, by name.
    private readonly ConcurrentDictionary<string, AccessBlock>[] _blocks =
    [
        .. Enum.GetValues<AccessBlockKind>().Select(static _ => new ConcurrentDictionary<string, AccessBlock>(StringComparer.Ordinal)),
    ];

    private readonly AddressNames _addresses = new();
    private long _version;
    private TimeSpan _nextAt;
    private bool _isReading;

    /// <summary>Whether the engine may know of blocks that it did not tell.</summary>
    private volatile bool _isBehind;
    private volatile bool _hasAddresses;
    private volatile bool _hasTokens;

    /// <summary>The bans of users and of addresses that hold now.</summary>
    public IEnumerable<AccessBlock> Bans =>
        _blocks[(int)AccessBlockKind.BannedUser]
            .Concat(_blocks[(int)AccessBlockKind.BannedAddress])
            .Select(static entry => entry.Value)
            .Where(block => block.Until > node.Date);

    /// <summary>The ban of a user; null for none.</summary>
    public AccessBlock? FindBan(string userId) => Find(AccessBlockKind.BannedUser, userId);

    /// <summary>The ban of an address; null for none.</summary>
    public AccessBlock? FindBan(IPAddress? address)
    {
        if (address is null || !_hasAddresses)
        {
            return null;
        }

        AccessBlock? ban = Find(AccessBlockKind.BannedAddress, AddressNames.Of(address));
        return ban
            ?? _addresses
                .NetworksOf(address)
                .Select(name => Find(AccessBlockKind.BannedAddress, name))
                .FirstOrDefault(static network => network is not null);
    }

    /// <summary>Whether an identity's token was revoked, or those of its user that are as old.</summary>
    public bool IsRevoked(HubIdentity identity) =>
        (
            Find(AccessBlockKind.RevokedUser, identity.UserId) is { } revoked
            && (identity.IssuedAt is not { } issued || issued <= revoked.Since)
        ) || (_hasTokens && identity.TokenId is { } token && Find(AccessBlockKind.RevokedToken, token) is not null);

    /// <summary>Whether a session was revoked.</summary>
    public bool IsSessionRevoked(string clientId) => Find(AccessBlockKind.RevokedSession, clientId) is not null;

    /// <summary>For how long something is still kept out.</summary>
    public TimeSpan Rest(AccessBlock block) => block.Until > node.Date ? block.Until - node.Date : TimeSpan.Zero;

    public ValueTask BanAsync(string userId, TimeSpan duration, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.BannedUser, userId, duration, cancellationToken);

    public ValueTask BanAsync(IPAddress address, TimeSpan duration, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.BannedAddress, AddressNames.Of(address), duration, cancellationToken);

    public ValueTask BanAsync(IPNetwork network, TimeSpan duration, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.BannedAddress, AddressNames.Of(network), duration, cancellationToken);

    public ValueTask RevokeUserAsync(string userId, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.RevokedUser, userId, node.Settings.RevocationAge, cancellationToken);

    public ValueTask RevokeTokenAsync(string tokenId, DateTimeOffset? expiresAt, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.RevokedToken, tokenId, TimeUntilUseless(expiresAt), cancellationToken);

    public ValueTask RevokeSessionAsync(string clientId, CancellationToken cancellationToken) =>
        AddAsync(AccessBlockKind.RevokedSession, clientId, _sessionAge, cancellationToken);

    /// <summary>Takes a block that a node has made. Returns at once.</summary>
    public void OnBlock(AccessBlock block)
    {
        if (Remember(block))
        {
            // Elsewhere, because the engine must not wait for what the sessions do then.
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => work.List.Enforce(work.Block),
                (List: this, Block: block),
                preferLocal: false
            );
        }
    }

    /// <summary>Reads all that is newer than what is known.</summary>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<AccessBlock> page;
        do
        {
            page = await node.Engine.Users.ReadBlocksAsync(_version, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (AccessBlock block in page)
            {
                _version = block.Version;
                if (Remember(block))
                {
                    Enforce(block);
                }
            }
        } while (page.Count == PageSize);
    }

    /// <summary>
    /// Reads what was missed while the engine was away. Never throws: where it fails, the clock's next second does it. A call during
    /// another one has that read once more, since what it reads may be from before.
    /// </summary>
    /// <param name="log">Whether a failure is logged.</param>
    public async Task CatchUpAsync(bool log = true)
    {
        _isBehind = true;
        if (Interlocked.Exchange(ref _isReading, true))
        {
            return;
        }

        try
        {
            while (_isBehind)
            {
                _isBehind = false;
                await ReadAsync(node.Stopping).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _isBehind = true;
            if (log && !node.IsStopping)
            {
                node.Log.EngineUnavailable(exception, "blocks");
            }
        }
        finally
        {
            Volatile.Write(ref _isReading, false);
        }
    }

    /// <summary>The hub's clock calls this every second; returns at once.</summary>
    public void OnClock(TimeSpan now)
    {
        if (_isBehind)
        {
            _ = CatchUpAsync(log: false);
        }

        if (now < _nextAt)
        {
            return;
        }

        _nextAt = now + _interval;
        DateTimeOffset forgotten = node.Date - _memory;
        foreach (ConcurrentDictionary<string, AccessBlock> blocks in _blocks)
        {
            foreach ((string name, AccessBlock block) in blocks)
            {
                if (block.Until < forgotten)
                {
                    blocks.TryRemove(KeyValuePair.Create(name, block));
                }
            }
        }

        if (!node.Engine.Publications.DeliversWithoutGaps)
        {
            _ = CatchUpAsync();
        }
    }

    private AccessBlock? Find(AccessBlockKind kind, string name) =>
        _blocks[(int)kind].TryGetValue(name, out AccessBlock? block) && block.Until > node.Date ? block : null;

    /// <summary>A token that ends is revoked until then, with what clocks may differ; others for as long as the options say.</summary>
    private TimeSpan TimeUntilUseless(DateTimeOffset? expiresAt) =>
        expiresAt is { } end && end < node.Date + node.Settings.RevocationAge ? end - node.Date + _memory : node.Settings.RevocationAge;

    private async ValueTask AddAsync(AccessBlockKind kind, string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        DateTimeOffset now = node.Date;
        DateTimeOffset until = duration < DateTimeOffset.MaxValue - now ? now + duration : DateTimeOffset.MaxValue;
        AccessBlock block = await node
            .Engine.Users.BlockAsync(new AccessBlock(kind, name, now, until), cancellationToken)
            .ConfigureAwait(false);
        node.Log.Blocked(kind, name, until);
        Remember(block);
        // The engine has told of it by now or will soon: here it is in force when the caller goes on.
        Enforce(block);
    }

    /// <summary>False when it is known, or a newer one.</summary>
    private bool Remember(AccessBlock block)
    {
        AccessBlock kept = _blocks[(int)block.Kind]
            .AddOrUpdate(block.Name, block, (_, known) => known.Version >= block.Version ? known : block);
        if (block.Kind == AccessBlockKind.BannedAddress)
        {
            _addresses.Note(block.Name);
            _hasAddresses = true;
        }

        _hasTokens |= block.Kind == AccessBlockKind.RevokedToken;
        return kept == block;
    }

    private void Enforce(AccessBlock block)
    {
        if (block.Until > node.Date)
        {
            enforce(block);
        }
    }
}
