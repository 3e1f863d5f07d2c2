using Longwire.Benchmarks.Support;

namespace Longwire.Hubs.Benchmarks;

/// <summary>One of the servers that are compared.</summary>
internal sealed class ServerProcess : MeasuredProcess
{
    private ServerProcess(string[] command)
        : base(command) { }

    /// <summary>The memory that it holds, in bytes, without pages of files and of compiled code.</summary>
    public long AnonymousBytes => Kibibytes("smaps_rollup", "Anonymous:") * 1024;

    public static ServerProcess StartLongwire() => new(LongwireCommand);

    /// <summary>Three hubs, of which one limits its clients.</summary>
    public static ServerProcess StartLimited() => new([.. LongwireCommand, "limits"]);

    public static ServerProcess StartPeer() => new(PeerCommand);
}
