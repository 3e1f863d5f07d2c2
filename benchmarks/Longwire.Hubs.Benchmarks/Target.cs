namespace Longwire.Hubs.Benchmarks;

/// <summary>Something that brings what one says to all.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Path">Where its clients connect.</param>
/// <param name="Room">The hub's room; null for no hub.</param>
/// <param name="IsPeer">Whether it is npm's socket.io.</param>
internal sealed record Target(string Name, string Path, string? Room = null, bool IsPeer = false)
{
    public static Target Plain { get; } = new("a plain broadcast of a `PreparedMessage`", "/plain");

    public static Target Hub { get; } = new("the hub", "/hub", "bench");

    public static Target History { get; } = new("the hub, with history", "/hub", "kept");

    public static Target Map { get; } = new("the hub, a change of a map", "/hub", "board");

    public static Target Peer { get; } = new("npm `socket.io` 4.8", "/socket.io/?EIO=4&transport=websocket", IsPeer: true);

    public static Target[] All { get; } = [Plain, Hub, History, Map, Peer];

    /// <summary>A client's message for everybody.</summary>
    public string Say(string content) =>
        IsPeer ? $"42[\"message\",\"{content}\"]"
        : Room is null ? content
        : this == Map ? $$"""{"type":"map-put","room":"board","key":"card","value":"{{content}}"}"""
        : $$"""{"type":"message","room":"{{Room}}","content":"{{content}}"}""";
}
