using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Longwire.Hubs;

/// <summary>
/// A run of the application that writes down what its hub is, and ends. The application builds its services and maps its endpoints as ever;
/// its server doesn't listen, and none of its hosted services starts.
/// </summary>
internal sealed class ContractRun(string file) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The environment variable that names the file to write.</summary>
    public const string FileVariable = "LONGWIRE_CONTRACT";

    /// <summary>The exit code of an application whose hub could not be written down; the reason is on standard error.</summary>
    public const int Failed = 87;

    // Builds the middleware, and the endpoints of applications that map them there.
    private const string WebHost = "Microsoft.AspNetCore.Hosting.GenericWebHostService";

    /// <summary>Waits for the application to build its host.</summary>
    public static void Begin(string file) => DiagnosticListener.AllListeners.Subscribe(new ContractRun(file));

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        switch (value)
        {
            case { Key: "HostBuilding", Value: IHostBuilder builder }:
                builder.ConfigureServices(static (_, services) => LeaveOutServers(services));
                break;
            case { Key: "HostBuilt", Value: IHost host }:
                host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => End(host.Services));
                break;
            default:
                break;
        }
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    private static void LeaveOutServers(IServiceCollection services)
    {
        services.AddSingleton<IServer, SilentServer>();
        for (int i = services.Count - 1; i >= 0; i--)
        {
            if (services[i].ServiceType == typeof(IHostedService) && services[i].ImplementationType?.FullName != WebHost)
            {
                services.RemoveAt(i);
            }
        }
    }

    private void End(IServiceProvider services)
    {
        try
        {
            HubMapping mapping =
                services.GetService<HubMapping>()
                ?? throw new LongwireConfigurationException(["The application has no hub: it doesn't call AddLongwireHub()."]);
            // Nothing else starts it here. It asks nobody, so that it has completed.
            mapping.StartAsync().AsTask().GetAwaiter().GetResult();
            string name = services.GetRequiredService<IHostEnvironment>().ApplicationName;
            File.WriteAllText(file, ContractDocument.Write(name, mapping.Application).ToJsonString());
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception is LongwireConfigurationException ? exception.Message : exception.ToString());
            Environment.Exit(Failed);
        }

        Environment.Exit(0);
    }
}
