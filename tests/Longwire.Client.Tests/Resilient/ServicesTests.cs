using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Client.Tests;

public sealed class ServicesTests
{
    [Fact]
    public async Task A_client_among_the_services_goes_by_their_clock_logs_where_they_do_and_is_closed_with_them()
    {
        var time = new VirtualClock();
        var network = new TestNetwork(time);
        var log = new TextLog();
        ServiceProvider services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(log)
            .AddSingleton<TimeProvider>(time)
            .AddResilientWebSocket("ws://server.test/feed?key=secret", (options, _) => options.Connect = network.ConnectAsync)
            .AddResilientWebSocket("ws://other.test/")
            .BuildServiceProvider();
        Task connecting = services.GetRequiredService<ResilientWebSocket>().ConnectAsync();
        WebSocketConnection server = await network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
        Assert.True(time.TimerCount > 0);

        await services.DisposeAsync().AsTask().WaitAsync(Patience.Long);
        await server.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.NormalClosure, server.CloseStatus);
        Assert.Contains("Connected to ws://server.test/feed.", log.Text, StringComparison.Ordinal);
        Assert.Contains("closed for good: 1000 by hand.", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
    }
}
