using Longwire.Benchmarks.Support;

namespace Longwire.Hubs.Benchmarks;

/// <summary>One of the two servers that are compared.</summary>
internal sealed class ServerProcess : MeasuredProcess
{
    private ServerProcess(string[] command)
        : base(command) { }

    /// <summary>The memory that it holds, in bytes.</summary>
    public long ResidentBytes => Kibibytes("smaps_rollup", "Rss:") * 1024;

    public static ServerProcess StartLongwire() => new(LongwireCommand);

    public static ServerProcess StartPeer() => new(PeerCommand);
}
