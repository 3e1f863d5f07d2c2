using System.Globalization;
using System.Net;

namespace Longwire.Hubs;

/// <summary>Fields that most sessions don't need, so that those are smaller. The session's turns guard what says nothing else.</summary>
internal sealed class SessionExtras
{
    private OpenAsks? _asks;
    private RefusedRequests? _refused;
    private SessionTenure? _tenure;

    /// <summary>The guest as a user: what it takes is counted by its address.</summary>
    public Account? Guest { get; set; }

    /// <summary>The receiver of the room of the session's user, once that is open. The account's lock guards it.</summary>
    public Membership? HearingMe { get; set; }

    /// <summary>The address where it does not fit into the session itself.</summary>
    public IPAddress? LongAddress { get; set; }

    /// <summary>The counts of the session's own limits; there from the first use on.</summary>
    public SessionRates Rates => field ??= new SessionRates();

    /// <summary>Set and read from any thread.</summary>
    public object? UserState { get; set; }

    public string? Producer { get; set; }

    /// <summary>The messages that came by <c>POST</c> while they are dealt with; null at all other times.</summary>
    public PostedMessages? Posted { get; set; }

    /// <summary>By which the engine knows the producer; null until the client sends something with an id.</summary>
    public string? ProducerKey { get; set; }

    /// <summary>Since when the session is this node's, and when its connection was lost.</summary>
    public SessionTenure Tenure => Volatile.Read(ref _tenure) ?? Interlocked.CompareExchange(ref _tenure, new(), null) ?? _tenure;

    /// <summary>The same; null for a session that was never lost, and that no other node can have.</summary>
    public SessionTenure? FindTenure() => Volatile.Read(ref _tenure);

    /// <summary>The questions to the client; null while there was none.</summary>
    public OpenAsks? Asks => Volatile.Read(ref _asks);

    public OpenAsks AsksOf(HubSession session) => _asks ?? Interlocked.CompareExchange(ref _asks, new OpenAsks(session), null) ?? _asks;

    /// <summary>The requests that were refused for now; null while none was.</summary>
    public RefusedRequests? Refused => Volatile.Read(ref _refused);

    /// <summary>The same, from the first refusal on.</summary>
    public RefusedRequests RefusedFromNowOn() =>
        _refused ?? Interlocked.CompareExchange(ref _refused, new RefusedRequests(), null) ?? _refused;

    /// <summary>By which the engine knows the producer of a session's ids.</summary>
    public string ProducerKeyOf(string clientId, string userId)
    {
        if (ProducerKey is null)
        {
            string user = Producer is not null && userId == clientId ? "" : userId;
            ProducerKey = string.Create(CultureInfo.InvariantCulture, $"{user.Length}:{user}{Producer ?? clientId}");
        }

        return ProducerKey;
    }
}
