using System.Security.Claims;
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

    private Task<TestServer> StartAsync() =>
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
            },
            static services =>
            {
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("test", null);
                services.AddAuthorization();
            }
        );

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
