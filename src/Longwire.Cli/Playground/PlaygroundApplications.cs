using Longwire.Cli.Playground.Dashboard;
using Longwire.Cli.Playground.Game;
using Longwire.Cli.Playground.Notifications;
using Longwire.Cli.Playground.Streaming;
using Longwire.Cli.Serve;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Longwire.Cli.Playground;

/// <summary>The applications behind the pages.</summary>
internal static class PlaygroundApplications
{
    public static void AddPlayground(this IServiceCollection services, ServeOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        if (options.JwtKey is null)
        {
            services.AddSingleton(new Journal(Path.Combine(options.DataFolder, "streams")));
            services.AddSingleton<StreamService>();
            services.AddHostedService(static provider => provider.GetRequiredService<StreamService>());
        }

        services.AddSingleton<Tickets>();
        services.AddSingleton<DashboardService>();
        if (options.ShowsFigures)
        {
            services.AddHostedService(static provider => provider.GetRequiredService<DashboardService>());
        }
    }

    public static void MapPlayground(this WebApplication application, LongwireHubEndpointBuilder hub, ServeOptions options)
    {
        ChatRooms.Map(hub);
        Arena.Map<Arena>(hub);
        Feed.Map(hub);
        if (options.JwtKey is null)
        {
            Notifier.Map(hub, application.Services.GetRequiredService<IHub>());
            application.Services.GetRequiredService<StreamService>().Map(hub);
            Documents.Map(application, Path.Combine(options.DataFolder, "documents"));
        }

        application.Services.GetRequiredService<DashboardService>().Map(hub);
        Tickets tickets = application.Services.GetRequiredService<Tickets>();
        AdminGate? gate = options.IsThisMachineOnly ? null : application.Services.GetRequiredService<HubAdmin>().Gate;
        application.MapPost("/dashboard/ticket", context => tickets.IssueAsync(context, gate));
        application.MapPages();
    }
}
