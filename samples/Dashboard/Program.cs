using Longwire;
using Longwire.Hubs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub => hub.AllowGuests = true);
builder.Services.AddHostedService<MetricsPusher>();
WebApplication app = builder.Build();

LongwireHubEndpointBuilder hub = app.MapLongwireHub("/");
hub.MapRoom("metrics").ReadOnly().WithHistory(3_600, TimeSpan.FromHours(1)).WithSlowConsumer(SlowConsumerPolicy.KeepLatest);
hub.OnConnect((IHubSession me) => me.JoinAsync("metrics"));

// The holder of a user's id as token is that user, which a real application must not believe.
hub.OnAuthenticate((AuthenticateRequest auth) => auth.Accept(auth.Token));
app.MapPost(
    "/orders",
    async (Order order, IHub hub, CancellationToken cancellationToken) =>
        await hub.User(order.Customer)
            .NotifyAsync(new HubNotification("Order received", order.Title) { Priority = "high" }, cancellationToken)
);
app.Run();

internal sealed record Order(string Customer, string Title);

internal sealed record Metrics(double Cpu, double Memory, int ActiveUsers, double RequestsPerSecond);

internal sealed class MetricsPusher(IHub hub) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var metrics = new Metrics(Environment.CpuUsage.TotalTime.TotalSeconds, Environment.WorkingSet / 1e6, 1, 0);
            await hub.Room("metrics").PublishAsync(metrics, new() { Key = "machine", WhenAway = WhenAway.Drop }, stoppingToken);
        }
    }
}
