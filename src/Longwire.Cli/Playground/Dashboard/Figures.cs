namespace Longwire.Cli.Playground.Dashboard;

/// <summary>The figures of one second of the server and its machine.</summary>
/// <param name="Connections">Open connections to the hub.</param>
/// <param name="Rooms">Rooms that have members.</param>
/// <param name="Received">Messages that clients sent in this second, echoes included.</param>
/// <param name="Sent">Messages that clients were sent in this second, by the hub.</param>
/// <param name="ProcessCpu">The use of the process, in percent of a core.</param>
/// <param name="LoopCpu">The use of each event loop, in percent of a core.</param>
/// <param name="MachineCpu">The use of all processes, in percent of all cores.</param>
/// <param name="Memory">The process's memory, in megabytes.</param>
/// <param name="Managed">The part that the runtime manages, in megabytes.</param>
/// <param name="MachineMemory">The part of the machine's memory in use, in percent.</param>
/// <param name="Latency">How many of the second's echoes took how long: counts by <see cref="Probe.Limits"/>.</param>
/// <param name="IsUnderLoad">Whether the load generator runs.</param>
[HubMessage("figures")]
internal sealed record Figures(
    long Connections,
    long Rooms,
    long Received,
    long Sent,
    double ProcessCpu,
    double[] LoopCpu,
    double MachineCpu,
    double Memory,
    double Managed,
    double MachineMemory,
    int[] Latency,
    bool IsUnderLoad
);
