using Microsoft.AspNetCore.Authorization;

namespace Longwire.Hubs;

/// <summary>
/// The application's mapping of the rooms of one template. It is put together when the application starts, and does not change then.
/// </summary>
internal sealed partial class RoomEndpoint(HubApplication application, RoomTemplate template, RoomOptions options)
{
    private readonly Dictionary<string, MessageHandler> _handlers = new(StringComparer.Ordinal);

    public RoomTemplate Template { get; } = template;

    public RoomOptions Options { get; } = options;

    /// <summary>Whether only the application writes.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Whether text is made safe for clients that put it into HTML.</summary>
    public bool HasSafeText { get; set; }

    /// <summary>The rules by which members may change the rooms' maps; none means that only the server may.</summary>
    public MapRule[] MapRules { get; set; } = [];

    /// <summary>The types of the values of the rooms' maps, the longest prefixes first; of other keys the values are any JSON.</summary>
    public MapValues[] MapValues { get; set; } = [];

    /// <summary>Whether members are told of each other.</summary>
    public bool HasPresence { get; set; }

    /// <summary>The policies that a user must fulfil to join; null for none.</summary>
    public AuthorizationPolicy? Policy { get; set; }

    /// <summary>Called one after the other when a session joins; the first to refuse decides.</summary>
    public List<Func<HubCall, JoinRequest, ValueTask<HubDecision>>> JoinHooks { get; } = [];

    /// <summary>Around joins and messages, the outermost first.</summary>
    public List<RoomFilter> Filters { get; } = [];

    /// <summary>Called when a session has left.</summary>
    public List<Func<HubCall, LeaveNotice, ValueTask>> LeaveHooks { get; } = [];

    /// <summary>Called with bytes that a member sent; null where there is no room for them.</summary>
    public Func<HubCall, RoomRequest, ReadOnlyMemory<byte>, ValueTask>? BinaryHook { get; set; }

    /// <summary>The rooms' instances; null where they have no class.</summary>
    public ILiveRooms? Live { get; set; }

    /// <summary>How often a second the rooms' clock turns; 0 for never.</summary>
    public int TicksPerSecond { get; set; }

    /// <summary>Makes a call through the filters.</summary>
    public ValueTask<HubDecision> FilterAsync(HubCall call, IHubRoom room, string? messageType, Func<ValueTask<HubDecision>> innermost)
    {
        if (Filters.Count == 0)
        {
            return innermost();
        }

        var invocation = new RoomInvocation(call, room, messageType);
        return NextAsync(0);

        ValueTask<HubDecision> NextAsync(int index) =>
            index == Filters.Count ? innermost() : Filters[index](invocation, () => NextAsync(index + 1));
    }

    public IEnumerable<MessageHandler> Handlers => _handlers.Values;

    /// <summary>The messages that the application itself says in these rooms, as far as it declares them.</summary>
    public List<MessageContract> Produced { get; } = [];

    public MessageHandler? FindHandler(string type) => _handlers.GetValueOrDefault(type);

    /// <summary>The type of the value of a key; null where it is any JSON.</summary>
    public MapValues? FindMapValues(string key) => Array.Find(MapValues, values => key.StartsWith(values.Prefix, StringComparison.Ordinal));

    /// <summary>False when there is a handler of the type already.</summary>
    public bool TryAddHandler(MessageHandler handler) => _handlers.TryAdd(handler.Contract.Type, handler);

    /// <summary>The values of a room's name.</summary>
    public IReadOnlyDictionary<string, string> ValuesOf(string room) =>
        Template.TryMatch(room, out IReadOnlyDictionary<string, string>? values)
            ? values
            : throw new ArgumentException("The room is not of this endpoint.", nameof(room));

    /// <summary>A message's content as members are shown it.</summary>
    public byte[] Show(byte[] content) => HasSafeText ? SafeText.Encode(content) : content;

    /// <summary>A user as members are shown it.</summary>
    public HubIdentity Show(HubIdentity identity) => HasSafeText ? SafeText.Encode(identity) : identity;
}
