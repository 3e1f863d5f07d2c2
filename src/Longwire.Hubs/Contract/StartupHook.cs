using Longwire.Hubs;

/// <summary>
/// The runtime calls it before <c>Main</c> where <c>DOTNET_STARTUP_HOOKS</c> names this assembly, which <c>longwire generate</c> does. By
/// the runtime's rules it has this name and no namespace.
/// </summary>
internal static class StartupHook
{
    /// <summary>Has the application written down instead of started, if a file is named for that.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(ContractRun.FileVariable) is { Length: > 0 } file)
        {
            ContractRun.Begin(file);
        }
    }
}
