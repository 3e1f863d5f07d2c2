using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Longwire.AspNetCore.Tests;

public abstract class AuthorizationTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : AuthorizationTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : AuthorizationTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : AuthorizationTests(ServerTransport.IoUring);

    [Theory]
    [InlineData(null, 401)]
    [InlineData("somebody", 403)]
    [InlineData("admin", 101)]
    public async Task RequireAuthorization_decides_before_the_upgrade(string? user, int status)
    {
        await using TestServer server = await StartAsync();
        Assert.Equal(status, (await RawClient.AskAsync(server, new HandshakeRequest { Path = "/admin" }.With("X-User", user))).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task The_function_knows_who_the_user_is()
    {
        await using TestServer server = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(server);
        Assert.Equal(101, (await client.AskAsync(new HandshakeRequest { Path = "/admin" }.With("X-User", "admin"))).Status);
        Assert.Equal("hello admin", await client.ReadTextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_knows_who_its_user_is_as_long_as_it_lives(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        await using TestServer server = await StartAsync(certificate);
        foreach (string path in (string[])["/handler", "/function"])
        {
            using RawClient client = await RawClient.ConnectAsync(server, tls);
            Assert.Equal(101, (await client.AskAsync(new HandshakeRequest { Path = path }.With("X-User", "ada"))).Status);
            await client.SendTextAsync("who am I?");
            Assert.Equal("ada", await client.ReadTextAsync());
        }
    }

    [Fact]
    public async Task Nobody_is_a_user_that_is_not_authenticated()
    {
        await using TestServer server = await StartAsync();
        using RawClient client = await RawClient.OpenAsync(server, "/handler");
        await client.SendTextAsync("who am I?");
        Assert.Equal("nobody", await client.ReadTextAsync());
    }

    private Task<TestServer> StartAsync(X509Certificate2? certificate = null) =>
        StartServerAsync(
            static application =>
            {
                application.UseAuthentication();
                application.UseAuthorization();
                application
                    .MapWebSocket(
                        "/admin",
                        static async (socket, context, token) => await socket.SendTextAsync($"hello {context.User.Identity!.Name}", token)
                    )
                    .RequireAuthorization(static policy => policy.RequireUserName("admin"));
                application.MapWebSocket("/handler", new UserHandler());
                application.MapWebSocket(
                    "/function",
                    static async (socket, token) =>
                    {
                        await socket.ReadAsync(token);
                        await socket.SendTextAsync(NameOf(socket), token);
                    }
                );
            },
            static services =>
            {
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("test", null);
                services.AddAuthorization();
            },
            certificate: certificate
        );

    private static string NameOf(WebSocketConnection connection) =>
        connection.User.Identity is { IsAuthenticated: true, Name: { } name } ? name : "nobody";

    private sealed class UserHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(System.Text.Encoding.UTF8.GetBytes(NameOf(connection)), MessageType.Text);
    }

    private sealed class HeaderAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options,
        ILoggerFactory logger,
        UrlEncoder encoder
    ) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string? user = Request.Headers["X-User"];
            return Task.FromResult(
                user is null
                    ? AuthenticateResult.NoResult()
                    : AuthenticateResult.Success(
                        new AuthenticationTicket(
                            new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], Scheme.Name)),
                            Scheme.Name
                        )
                    )
            );
        }
    }
}
