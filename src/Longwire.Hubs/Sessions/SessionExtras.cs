using System.Globalization;
using System.Net;

namespace Longwire.Hubs;

/// <summary>Fields that most sessions don't need, so that those are smaller. The session's turns guard what says nothing else.</summary>
internal sealed class SessionExtras
{
    private OpenAsks? _asks;

    /// <summary>The guest as a user: what it takes is counted by its address.</summary>
    public Account? Guest { get; set; }

    /// <summary>The receiver of the room of the session's user, once that is open. The account's lock guards it.</summary>
    public Membership? HearingMe { get; set; }

    /// <summary>The address where it does not fit into the session itself.</summary>
    public IPAddress? LongAddress { get; set; }

    /// <summary>Set and read from any thread.</summary>
    public object? UserState { get; set; }

    public string? Producer { get; set; }

    /// <summary>By which the engine knows the producer; null until the client sends something with an id.</summary>
    public string? ProducerKey { get; set; }

    /// <summary>When the connection was lost.</summary>
    public TimeSpan LostAt { get; set; }

    /// <summary>The questions to the client; null while there was none.</summary>
    public OpenAsks? Asks => Volatile.Read(ref _asks);

    public OpenAsks AsksOf(HubSession session) => _asks ?? Interlocked.CompareExchange(ref _asks, new OpenAsks(session), null) ?? _asks;

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
