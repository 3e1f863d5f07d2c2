using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Client.Tests;

public sealed class RedirectTests
{
    private readonly ConcurrentQueue<HttpText> _requests = [];

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed(int status)
    {
        await using (
            ScriptedServer server = Serve(
                static request => request.Line.Contains("/new?a=b ", StringComparison.Ordinal) ? null : "/new?a=b",
                status
            )
        )
        {
            await WebSocketClient.ConnectAsync(server.Address);
        }

        Assert.Equal(["GET /path?query=1 HTTP/1.1", "GET /new?a=b HTTP/1.1"], _requests.Select(static request => request.Line));
    }

    [Fact]
    public async Task Five_redirects_are_followed_and_no_more()
    {
        await using (
            ScriptedServer server = Serve(static request => request.Line.Contains("/5 ", StringComparison.Ordinal) ? null : Next(request))
        )
        {
            await WebSocketClient.ConnectAsync(new Uri(server.Address, "/0"));
        }

        _requests.Clear();
        await using (ScriptedServer server = Serve(Next))
        {
            WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
                WebSocketClient.ConnectAsync(new Uri(server.Address, "/0"))
            );
            Assert.Equal("More than 5 redirects.", exception.Message);
            Assert.Equal(HttpStatusCode.Found, exception.StatusCode);
        }

        Assert.Equal(6, _requests.Count);

        static string Next(HttpText request) => "/" + (char)(request.Line["GET /".Length] + 1);
    }

    [Fact]
    public async Task Credentials_stay_when_the_server_stays()
    {
        await using (
            ScriptedServer server = Serve(static request => request.Line.Contains("/new", StringComparison.Ordinal) ? null : "/new")
        )
        {
            await WebSocketClient.ConnectAsync(server.Address, WithCredentials());
        }

        Assert.All(
            _requests,
            static request => Assert.Equal(("Bearer abc", "a=b", "kept"), (request["Authorization"], request["Cookie"], request["X-Other"]))
        );
    }

    [Theory]
    [InlineData("localhost")] // another name
    [InlineData("127.0.0.1")] // another port
    public async Task Credentials_are_dropped_when_the_host_or_the_port_changes_and_never_come_back(string host)
    {
        await using (
            ScriptedServer other = Serve(static request => request.Line.Contains("/last", StringComparison.Ordinal) ? null : "/last")
        )
        await using (ScriptedServer server = Serve(_ => $"ws://{host}:{other.Port}/"))
        {
            await WebSocketClient.ConnectAsync(server.Address, WithCredentials());
        }

        Assert.Equal(3, _requests.Count);
        Assert.Equal("Bearer abc", _requests.First()["Authorization"]);
        Assert.All(
            _requests.Skip(1),
            static request => Assert.Equal((null, null, "kept"), (request["Authorization"], request["Cookie"], request["X-Other"]))
        );
    }

    [Fact]
    public async Task A_Host_of_the_caller_s_is_for_the_server_that_was_named()
    {
        var options = new WebSocketClientOptions { Headers = [KeyValuePair.Create("Host", "virtual.example")] };
        await using (ScriptedServer other = Serve(static _ => null))
        await using (
            ScriptedServer server = Serve(request =>
                request.Line.Contains("/same", StringComparison.Ordinal) ? $"ws://127.0.0.1:{other.Port}/" : "/same"
            )
        )
        {
            await WebSocketClient.ConnectAsync(server.Address, options);
            Assert.Equal(
                ["virtual.example", "virtual.example", $"127.0.0.1:{other.Port}"],
                _requests.Select(static request => request["Host"])
            );
        }
    }

    [Fact]
    public async Task A_user_in_the_address_is_dropped_when_the_host_changes()
    {
        await using (ScriptedServer other = Serve(static _ => null))
        await using (ScriptedServer server = Serve(_ => $"ws://localhost:{other.Port}/"))
        {
            await WebSocketClient.ConnectAsync(new Uri($"ws://ada:secret@127.0.0.1:{server.Port}/"));
        }

        Assert.Equal("Basic YWRhOnNlY3JldA==", _requests.First()["Authorization"]);
        Assert.Null(_requests.Last()["Authorization"]);
    }

    [Fact]
    public async Task The_platform_s_credentials_do_not_answer_another_host_s_challenge()
    {
        await using var other = new ScriptedServer(async peer =>
        {
            _requests.Enqueue(await peer.ReadRequestAsync());
            await peer.SendAsync(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        });
        await using ScriptedServer server = Serve(_ => $"ws://localhost:{other.Port}/");
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(
                server.Address,
                new WebSocketClientOptions { Credentials = new NetworkCredential("ada", "secret") }
            )
        );
        Assert.Equal(HttpStatusCode.Unauthorized, exception.StatusCode);
        Assert.All(_requests, static request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task The_client_s_certificate_is_not_shown_to_another_host()
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        using X509Certificate2 identity = ScriptedServer.CreateCertificate();
        int asked = 0;
        await using (ScriptedServer other = Serve(static _ => null, certificate: certificate))
        await using (ScriptedServer server = Serve(_ => $"wss://127.0.0.1:{other.Port}/", certificate: certificate))
        {
            SslClientAuthenticationOptions tls = ConnectingTests.Trust(certificate);
            tls.LocalCertificateSelectionCallback = (_, host, _, _, _) =>
            {
                Assert.Equal("localhost", host);
                Interlocked.Increment(ref asked);
                return identity;
            };
            await WebSocketClient.ConnectAsync(server.SecureAddress, new WebSocketClientOptions { Tls = tls });
        }

        Assert.Equal(2, _requests.Count);
        Assert.True(asked > 0);
    }

    [Fact]
    public async Task A_redirect_may_go_from_ws_to_wss()
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using (ScriptedServer secure = Serve(static _ => null, certificate: certificate))
        await using (ScriptedServer server = Serve(_ => $"https://localhost:{secure.Port}/"))
        {
            await WebSocketClient.ConnectAsync(server.Address, WithCredentials() with { Tls = ConnectingTests.Trust(certificate) });
        }

        Assert.Equal(2, _requests.Count);
        // It is another port, and none that TLS usually has.
        Assert.Null(_requests.Last()["Authorization"]);
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("http")]
    public async Task A_redirect_from_wss_to_ws_is_not_followed(string scheme)
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using ScriptedServer plain = Serve(static _ => null);
        await using ScriptedServer server = Serve(_ => $"{scheme}://localhost:{plain.Port}/", certificate: certificate);
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress, new WebSocketClientOptions { Tls = ConnectingTests.Trust(certificate) })
        );
        Assert.Contains("wss to ws", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, plain.Count);
    }

    [Theory]
    [InlineData("ftp://localhost/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    public async Task A_redirect_to_another_scheme_is_the_server_s_mistake(string location)
    {
        await using ScriptedServer server = Serve(_ => location);
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Equal(HttpStatusCode.Found, exception.StatusCode);
    }

    [Fact]
    public async Task A_redirect_without_a_target_is_a_refusal()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Contains("302 Found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_need_not_be_followed()
    {
        await using ScriptedServer server = Serve(static _ => "/new");
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { MaxRedirects = 0 })
        );
        Assert.Contains(KeyValuePair.Create("Location", "/new"), exception.Headers);
        Assert.Equal(1, server.Count);
    }

    private static WebSocketClientOptions WithCredentials() =>
        new()
        {
            Headers =
            [
                KeyValuePair.Create("Authorization", "Bearer abc"),
                KeyValuePair.Create("Cookie", "a=b"),
                KeyValuePair.Create("X-Other", "kept"),
            ],
        };

    // Answers with a redirect to what the function names, or opens the connection where it names nothing.
    private ScriptedServer Serve(Func<HttpText, string?> locate, int status = 302, X509Certificate2? certificate = null) =>
        new(async peer =>
        {
            if (certificate is not null)
            {
                await peer.StartTlsAsync(certificate);
            }

            HttpText request = await peer.ReadRequestAsync();
            _requests.Enqueue(request);
            string? location = locate(request);
            await peer.SendAsync(
                location is null
                    ? ScriptedPeer.Answer(request)
                    : $"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        });
}
