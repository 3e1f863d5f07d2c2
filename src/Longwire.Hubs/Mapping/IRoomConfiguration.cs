namespace Longwire.Hubs;

/// <summary>Numbers of mapped rooms that the configuration changes.</summary>
internal interface IRoomConfiguration
{
    /// <summary>Sets what is configured for a template. Returns what is wrong with it; null when nothing is.</summary>
    string? Apply(string template, RoomOptions options);

    /// <summary>The configured templates that are not mapped.</summary>
    IEnumerable<string> FindFaults(IReadOnlyList<string> templates);
}
