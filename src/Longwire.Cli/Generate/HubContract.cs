using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Longwire.Cli.Generate;

/// <summary>Has an application write its hub down: with its own runtime and packages, in a process of its own.</summary>
internal static class HubContract
{
    private const int Version = 2;
    private const string Library = "Longwire.Hubs";

    /// <summary>The time until the application would have started.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <summary>Reads the hub of an application.</summary>
    /// <exception cref="ContractException">It can't be read.</exception>
    public static async Task<JsonObject> ReadAsync(string application, string[] arguments, CancellationToken cancellationToken)
    {
        application = Path.GetFullPath(application);
        string folder = Path.GetDirectoryName(application)!;
        if (!File.Exists(application) || !application.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            throw new ContractException($"{application} is no DLL. Build the application, and give the DLL that the build names.");
        }

        if (!File.Exists(Path.ChangeExtension(application, ".runtimeconfig.json")))
        {
            throw new ContractException($"{application} is a library. Give the application that maps the hub.");
        }

        if (!File.Exists(Path.Combine(folder, Library + ".dll")))
        {
            throw new ContractException(
                $"There is no {Library}.dll beside {application}: it has no Longwire hub, or is published in one file."
            );
        }

        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            string said = await RunAsync(application, arguments, folder, file, cancellationToken);
            return Read(File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : "", application, said);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> RunAsync(
        string application,
        string[] arguments,
        string folder,
        string file,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(DotNetHost(), ["exec", application, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LONGWIRE_CONTRACT"] = file;
        start.Environment["DOTNET_STARTUP_HOOKS"] = Library;
        using Process process = Start(start);
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            // An application may log either way, and would stop at a pipe that nobody reads.
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            string errors = await process.StandardError.ReadToEndAsync(patience.Token);
            string lines = await output;
            await process.WaitForExitAsync(patience.Token);
            return (errors.Trim().Length > 0 ? errors : lines).Trim();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ContractException($"{application} has not come to its start within {_patience.TotalSeconds:F0} s.");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new ContractException("There is no dotnet to run the application with: put the .NET runtime on the PATH.");
        }
    }

    // The one that runs this tool, where it is not compiled ahead of time.
    private static string DotNetHost() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private static JsonObject Read(string json, string application, string said)
    {
        try
        {
            JsonObject contract = JsonNode.Parse(json)!.AsObject();
            return (int)contract["version"]! == Version
                ? contract
                : throw new ContractException($"{application} has another version of Longwire than this tool. Update the older one.");
        }
        catch (JsonException)
        {
            string why = said.Length > 0 ? said : "It ended without starting a web application.";
            throw new ContractException($"{application} did not say what its hub is.\n{why}");
        }
    }
}
