using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Clients of an application in a test server: through its middleware, without a port.</summary>
public sealed class TestServerTests
{
    [Fact]
    public async Task The_endpoint_notifies()
    {
        await using WebApplication application = await StartAsync();
        await using HubClient client = application.GetTestServer().CreateHubClient("/hub", token: "ann");
        using HttpClient http = application.GetTestClient();
        using HttpResponseMessage response = await http.PostAsync("/orders?customer=ann&title=Tea", content: null);
        response.EnsureSuccessStatusCode();
        // Kept: there is no race.
        HubNotification notification = await client.Me.NextAsync<HubNotification>().AsTask().WaitAsync(Patience.Long);
        Assert.Equal("Tea", notification.Message);
    }

    [Fact]
    public async Task A_client_publishes_and_another_one_reads()
    {
        await using WebApplication application = await StartAsync();
        await using HubClient ann = application.GetTestServer().CreateHubClient("/hub", token: "ann");
        await using HubClient bob = application.GetTestServer().CreateHubClient("/hub", token: "bob");
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bob.Room("tea").On<Say>((say, from) => heard.TrySetResult($"{from.UserId}: {say.Text}"));
        await bob.Room("tea").JoinAsync().WaitAsync(Patience.Long);
        SendReceipt receipt = await ann.Room("tea").PublishAsync(new Say("hi"));
        Assert.Equal(1, (await receipt.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.Equal("ann: hi", await heard.Task.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task What_the_middleware_answers_in_place_of_the_hub_is_the_reason()
    {
        await using WebApplication application = await StartAsync();
        await using HubClient client = application.GetTestServer().CreateHubClient("/closed", token: "ann");
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            client.ConnectAsync().WaitAsync(Patience.Long)
        );
        Assert.Contains("403", closed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_of_the_services_is_one_and_logs_where_the_application_does()
    {
        var log = new TextLog();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddHubClient("ws://hub.test/", static options => options.Advise = static _ => ReconnectAdvice.Stop);
        await using ServiceProvider provider = services.BuildServiceProvider(validateScopes: true);
        HubClient client = provider.GetRequiredService<HubClient>();
        Assert.Same(client, provider.GetRequiredService<HubClient>());
        await client.CloseAsync().WaitAsync(Patience.Long);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => client.Room("tea").PublishAsync(new Say("hi")).AsTask());
    }

    private static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddLongwireHub();
        WebApplication application = builder.Build();
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest auth) => auth.Accept(userId: auth.Token!));
        hub.MapRoom("{room}");
        application.MapGet("/closed", static () => Results.StatusCode(403));
        application.MapPost(
            "/orders",
            static async (string customer, string title, IHub hub) =>
                await hub.User(customer).NotifyAsync(new HubNotification("Order received", title))
        );
        await application.StartAsync();
        return application;
    }
}
