namespace Longwire.Cli.Bench;

/// <summary>CPU time of this process and of the server's, from the start of a window to its end.</summary>
internal sealed class BenchMeter
{
    private int _server;
    private double _ownBefore;
    private double _serverBefore;

    public double OwnSeconds { get; private set; }

    public double ServerSeconds { get; private set; }

    public void Start(int server)
    {
        _server = server;
        _ownBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
        _serverBefore = ServerProcess.ReadCpuSeconds(server);
    }

    public void Stop()
    {
        OwnSeconds = Environment.CpuUsage.TotalTime.TotalSeconds - _ownBefore;
        ServerSeconds = ServerProcess.ReadCpuSeconds(_server) - _serverBefore;
    }
}
