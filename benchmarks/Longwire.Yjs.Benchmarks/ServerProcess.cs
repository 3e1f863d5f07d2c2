using Longwire.Benchmarks.Support;

namespace Longwire.Yjs.Benchmarks;

/// <summary>One of the two servers that are compared.</summary>
internal sealed class ServerProcess : MeasuredProcess
{
    public const string Longwire = "longwire";
    public const string Peer = "y-websocket 2.1 (Node)";
    public const string Plain = "longwire, a plain broadcast";

    private ServerProcess(string name, string path, string[] command)
        : base(command)
    {
        Name = name;
        Address = $"ws://{Authority}{path}";
    }

    public string Name { get; }

    /// <summary>Where documents are: their names follow.</summary>
    public string Address { get; }

    /// <summary>Where our server sends all to all.</summary>
    public string Broadcast => $"ws://{Authority}/broadcast";

    /// <summary>The most memory that it has held since <see cref="ForgetPeak"/>, in MiB.</summary>
    public double PeakMebibytes => Kibibytes("status", "VmHWM:") / 1024.0;

    /// <summary>The memory that it holds now, in MiB.</summary>
    public double ResidentMebibytes => Kibibytes("status", "VmRSS:") / 1024.0;

    public static ServerProcess StartLongwire() => new(Longwire, "/yjs/", LongwireCommand);

    public static ServerProcess StartPeer() => new(Peer, "/", PeerCommand);

    public void ForgetPeak() => File.WriteAllText(FileOf("clear_refs"), "5");
}
