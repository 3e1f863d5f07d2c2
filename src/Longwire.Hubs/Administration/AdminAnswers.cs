using System.Text.Json.Serialization;

namespace Longwire.Hubs;

/// <summary>One entry of the audit log.</summary>
internal sealed record AdminAuditEntry(
    long Number,
    DateTimeOffset Time,
    int EventId,
    string Event,
    string Role,
    string? Address,
    string Target
);

/// <summary>The state of the node, and of whoever asks.</summary>
internal sealed record AdminStatus(string Node, bool Ready, string Role, bool MayAct, bool MaySeeContents)
{
    public int Connections { get; init; }
    public int Rooms { get; init; }
    public int MaxConnections { get; init; }

    /// <summary>By transport.</summary>
    public required IReadOnlyDictionary<string, int> Transports { get; init; }

    /// <summary>In the last second.</summary>
    public double ReceivedPerSecond { get; init; }
    public double SentPerSecond { get; init; }
    public double RejectedPerSecond { get; init; }

    /// <summary>Connections with something that waits for them to read.</summary>
    public int Behind { get; init; }
}

/// <summary>One connection, or session that has lost it.</summary>
internal sealed record AdminConnection(string ClientId, string? UserId, string? Username, string? Address)
{
    public string? Transport { get; init; }
    public bool Connected { get; init; }
    public long WaitingBytes { get; init; }
    public int RoomCount { get; init; }
    public required IReadOnlyList<string> Rooms { get; init; }
}

/// <summary>Connections that were searched for: how many there are, and the first of them.</summary>
internal sealed record AdminConnections(int Total, IReadOnlyList<AdminConnection> Connections);

/// <summary>One room of this node.</summary>
internal sealed record AdminRoom(string Name, int Members, long Offset, int Waiting);

/// <summary>Rooms that were searched for: how many there are, and the first of them.</summary>
internal sealed record AdminRooms(int Total, IReadOnlyList<AdminRoom> Rooms);

/// <summary>The ban of a user or of an address, of IPv6 that of its network; without an end it is for good.</summary>
internal sealed record AdminBan(string? UserId, string? Address, DateTimeOffset Since, DateTimeOffset? Until);

/// <summary>Bans that were searched for: how many there are, and the first of them.</summary>
internal sealed record AdminBans(int Total, IReadOnlyList<AdminBan> Bans);

/// <summary>The audit log.</summary>
internal sealed record AdminAuditLog(IReadOnlyList<AdminAuditEntry> Entries);

/// <summary>An action's request.</summary>
internal sealed record AdminAction
{
    public string? ClientId { get; init; }
    public string? UserId { get; init; }
    public string? TokenId { get; init; }
    public string? Address { get; init; }

    /// <summary>Of a ban; 0 lifts it, and null bans for good.</summary>
    public double? Seconds { get; init; }

    /// <summary>Of a drain: how many connections a second.</summary>
    public double? Rate { get; init; }
}

/// <summary>An action was done.</summary>
internal sealed record AdminDone(string Done, string Target);

/// <summary>Why a request was refused.</summary>
internal sealed record AdminRefusal(string Code, string Message);

/// <summary>A line of a trace: an entry, or that some were dropped.</summary>
internal sealed record AdminDropped(int Dropped);

/// <summary>The metadata of all these.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(AdminStatus))]
[JsonSerializable(typeof(AdminConnections))]
[JsonSerializable(typeof(AdminRooms))]
[JsonSerializable(typeof(AdminBans))]
[JsonSerializable(typeof(AdminAuditLog))]
[JsonSerializable(typeof(AdminAction))]
[JsonSerializable(typeof(AdminDone))]
[JsonSerializable(typeof(AdminRefusal))]
[JsonSerializable(typeof(AdminDropped))]
[JsonSerializable(typeof(LiveTraceEntry))]
internal sealed partial class AdminJson : JsonSerializerContext;
