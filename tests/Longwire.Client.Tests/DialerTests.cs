using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Client.Tests;

/// <summary>The client as a service that is injected.</summary>
public sealed class DialerTests
{
    [Fact]
    public async Task The_dialer_of_the_services_connects_with_their_options()
    {
        HttpText? request = null;
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync()))
        {
            await using ServiceProvider services = new ServiceCollection()
                .AddSingleton("secret")
                .AddWebSocketClient(static services => new WebSocketClientOptions
                {
                    Headers = [KeyValuePair.Create("Authorization", "Bearer " + services.GetRequiredService<string>())],
                })
                .BuildServiceProvider(validateScopes: true);
            IWebSocketDialer dialer = services.GetRequiredService<IWebSocketDialer>();
            WebSocketConnection socket = await dialer.ConnectAsync(new($"ws://127.0.0.1:{server.Port}/")).WaitAsync(Patience.Long);
            await socket.Completion.WaitAsync(Patience.Long);
        }

        Assert.Equal("Bearer secret", request!["Authorization"]);
    }

    [Fact]
    public async Task Messages_go_to_the_handler_when_there_is_one()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync("\u0081\u0002hi");
            await peer.ReadToEndAsync();
        });
        IWebSocketDialer dialer = new WebSocketDialer();
        var handler = new Collector();
        WebSocketConnection socket = await dialer.ConnectAsync(server.Address, handler).WaitAsync(Patience.Long);
        Assert.Equal("hi", await handler.First.Task.WaitAsync(Patience.Long));
        socket.Abort();
    }

    [Fact]
    public void One_dialer_serves_the_application_and_a_test_s_takes_its_place()
    {
        IServiceCollection services = new ServiceCollection().AddWebSocketClient().AddWebSocketClient(new WebSocketClientOptions());
        Assert.Single(services);
        services.AddSingleton<IWebSocketDialer, NoNetwork>();
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.IsType<NoNetwork>(provider.GetRequiredService<IWebSocketDialer>());
    }

    [Fact]
    public void Options_without_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketClientOptions { MaxRedirects = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketClientOptions { MaxRedirects = 51 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketClientOptions { ConnectTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketClientOptions { ConnectTimeout = Timeout.InfiniteTimeSpan });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketClientOptions { ConnectTimeout = TimeSpan.FromDays(2) });
    }

    private sealed class Collector : WebSocketHandler
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            First.TrySetResult(System.Text.Encoding.UTF8.GetString(payload));
    }

    [SuppressMessage("Performance", "CA1812", Justification = "The services make it.")]
    private sealed class NoNetwork : IWebSocketDialer
    {
        public Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketHandler? handler, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
