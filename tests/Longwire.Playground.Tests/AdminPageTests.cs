using System.Net;
using System.Threading.Channels;
using Longwire.Cli.Serve;
using Longwire.Client;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Playground.Tests;

/// <summary>The page of a hub's administrator, as the library serves it: search, watch, kick, revoke, drain.</summary>
public sealed class AdminPageTests(Playground playground)
{
    private const string Token = "an administrator's token, 32 long";
    private const string ContentsToken = "a token of one who reads, 32 long";
    private const string Hostile = "<img src=x onerror='document.title = 1'>";

    [Fact]
    public async Task One_who_reads_watches_a_user_and_one_who_acts_kicks_revokes_and_drains()
    {
        await using WebApplication server = await StartAsync();
        Uri hub = new(server.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal) + "/hub");
        await using Member ann = await Member.JoinAsync(hub, "ann");
        await using Member bob = await Member.JoinAsync(hub, "bob");
        await using Member cat = await Member.JoinAsync(hub, "cat");
        await using Visitor visitor = await playground.VisitAsync(options => options.BaseURL = server.Urls.First());
        IPage page = await visitor.OpenAsync("/admin");
        await SignInAsync(page, ContentsToken);
        await Assertions.Expect(page.GetByTestId("connections-count")).ToHaveTextAsync("3 found, 3 shown");
        await page.GetByTestId("user").FillAsync("ann");
        await page.GetByTestId("search").ClickAsync();
        await Assertions.Expect(page.GetByTestId("connections").Locator("tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Kick ann" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Trace ann" }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("audit")).ToContainTextAsync("ContentsTraceBegan", new() { Timeout = Milliseconds });
        await ann.SayAsync(Hostile);
        await Assertions.Expect(page.GetByTestId("lines")).ToContainTextAsync("<img src=x onerror=");
        await Assertions.Expect(page.Locator("main img")).ToHaveCountAsync(0);
        Assert.Equal("Hub administration · Longwire", await page.TitleAsync());
        Assert.Empty(await Accessibility.FaultsOfAsync(page));
        Assert.Empty(await Accessibility.UnreachedControlsAsync(page));
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Empty(await Accessibility.FaultsOfAsync(page));
        await page.GetByTestId("trace-stop").ClickAsync();
        await Assertions.Expect(page.GetByTestId("audit")).ToContainTextAsync("TraceEnded", new() { Timeout = Milliseconds });

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await SignInAsync(page, Token);
        await page.GetByTestId("user").FillAsync("");
        await page.GetByTestId("search").ClickAsync();
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Kick bob" }), "Kicked: session");
        Assert.Equal(4002, await bob.ClosedAsync());
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Revoke ann" }), "Revoked: user ann");
        Assert.Equal(4003, await ann.ClosedAsync());
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Ban cat" }), "Banned: user cat");
        Assert.Equal(4002, await cat.ClosedAsync());
        await Assertions.Expect(page.GetByTestId("bans")).ToContainTextAsync("cat");
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Let cat in" }), "Banned: user cat, 0 s");
        await Assertions.Expect(page.GetByTestId("bans").Locator("tr")).ToHaveCountAsync(0);
        await using Member dan = await Member.JoinAsync(hub, "dan");
        await ConfirmAsync(page, page.GetByTestId("drain"), "Drained: node");
        Assert.Equal(1012, await dan.ClosedAsync());
        await Assertions.Expect(page.GetByTestId("figures")).ToContainTextAsync("takes no connections");
        visitor.AssertNothingWentWrong();
    }

    private static float Milliseconds => (float)Patience.Short.TotalMilliseconds;

    private static async Task SignInAsync(IPage page, string token)
    {
        await page.GetByTestId("token").FillAsync(token);
        await page.GetByTestId("sign-in").ClickAsync();
    }

    private static async Task ConfirmAsync(IPage page, ILocator button, string expected)
    {
        await button.ClickAsync();
        await page.GetByTestId("yes").ClickAsync();
        await Assertions.Expect(page.GetByTestId("problem")).ToContainTextAsync(expected);
    }

    private static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<ITokenValidator>(new DemoTokenValidator());
        builder.Services.AddLongwireHub(static options =>
        {
            options.Rooms.Default = new RoomOptions();
            options.Admin = new() { Token = Token, ContentsToken = ContentsToken };
        });
        WebApplication application = builder.Build();
        application.MapLongwireHub("/hub");
        application.MapLongwireHubAdmin();
        await application.StartAsync();
        return application;
    }

    /// <summary>A user in the room "tea".</summary>
    private sealed class Member : IAsyncDisposable
    {
        private readonly WebSocketConnection _socket;
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
        private readonly Task _reading;

        private Member(WebSocketConnection socket)
        {
            _socket = socket;
            _reading = ReadAsync();
        }

        public static async Task<Member> JoinAsync(Uri hub, string user)
        {
            var member = new Member(await WebSocketClient.ConnectAsync(hub));
            await member._socket.SendTextAsync($$"""{"type":"auth","token":"valid-token","username":"{{user}}"}""");
            await member._socket.SendTextAsync("""{"type":"join-room","room":"tea"}""");
            await member.UntilAsync("joined-room");
            return member;
        }

        public async Task SayAsync(string text) =>
            await _socket.SendTextAsync($$"""{"type":"message","room":"tea","content":"{{text}}"}""");

        public async Task<int> ClosedAsync()
        {
            await _reading.WaitAsync(Patience.Short);
            return (int)_socket.CloseStatus!.Value;
        }

        public ValueTask DisposeAsync() => _socket.DisposeAsync();

        private async Task UntilAsync(string type)
        {
            string heard;
            do
            {
                heard = await _heard.Reader.ReadAsync().AsTask().WaitAsync(Patience.Short);
            } while (!heard.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal));
        }

        private async Task ReadAsync()
        {
            await foreach (WebSocketMessage message in _socket.ReadAllAsync())
            {
                _heard.Writer.TryWrite(message.Text);
            }
        }
    }
}
