namespace Longwire.Cli.Playground.Dashboard;

/// <summary>A viewer asks for the load generator, or for its end.</summary>
[HubMessage("load")]
internal sealed record Load(bool On);
