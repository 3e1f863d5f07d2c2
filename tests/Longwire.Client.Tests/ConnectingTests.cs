using System.Net;
using System.Net.Security;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Client.Tests;

/// <summary>The steps before the handshake: TCP, TLS, time, cookies.</summary>
public sealed class ConnectingTests
{
    [Fact]
    public async Task A_server_that_never_answers_is_given_up_after_the_time_limit()
    {
        await using var server = new ScriptedServer(static peer => peer.ReadToEndAsync());
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) })
        );
        Assert.Null(exception.StatusCode);
        Assert.Contains("within 0.1 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_attempt_and_the_TCP_connection()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.ReadRequestAsync();
            await cancel.CancelAsync();
            await peer.ReadToEndAsync();
        });
        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            WebSocketClient.ConnectAsync(server.Address, cancellationToken: cancel.Token)
        );
        Assert.Equal(cancel.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task Cancelling_while_a_refusal_is_read_is_a_cancellation_too()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nno");
            await cancel.CancelAsync();
            await peer.ReadToEndAsync();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            WebSocketClient.ConnectAsync(server.Address, cancellationToken: cancel.Token)
        );
    }

    [Fact]
    public async Task Cancelling_later_does_not_touch_the_open_connection()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.AcceptAsync();
            await peer.ReadFrameAsync();
            await peer.SendAsync("\u0081\u0002hi");
            await peer.ReadToEndAsync();
        });
        using var cancel = new CancellationTokenSource();
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address, cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await socket.SendTextAsync("still here?");
        Assert.Equal("hi", (await socket.ReadAsync()).Text);
        socket.Abort();
    }

    [Fact]
    public async Task Where_nobody_listens_is_said_so()
    {
        using var unused = new UnusedPort();
        int port = unused.Port;
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/"))
        );
        Assert.Equal($"Nothing listens at 127.0.0.1:{port}: connection refused.", exception.Message);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using var server = new ScriptedServer(async peer =>
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await peer.StartTlsAsync(certificate);
                await peer.ReadAsync(1);
            });
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress)
        );
        Assert.StartsWith($"TLS with localhost:{server.Port} failed", exception.Message, StringComparison.Ordinal);
        Assert.Null(exception.StatusCode);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_as_such()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadAsync(5);
            await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress)
        );
        Assert.StartsWith($"TLS with localhost:{server.Port} failed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_told_with_the_option_that_takes_it()
    {
        WebSocketHandshakeException exception = await FailsByCertificateAsync(null);
        Assert.Contains("UntrustedRoot", exception.Message, StringComparison.Ordinal);
        Assert.Contains("WebSocketClientOptions.Tls", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ws://", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_told_as_such()
    {
        WebSocketHandshakeException exception = await FailsByCertificateAsync(null, "127.0.0.1");
        Assert.Contains("RemoteCertificateNameMismatch", exception.Message, StringComparison.Ordinal);
        Assert.Contains("WebSocketClientOptions.Tls", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_the_caller_s_rule_refuses_is_told_as_such()
    {
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => false };
        WebSocketHandshakeException exception = await FailsByCertificateAsync(tls);
        Assert.Contains("RemoteCertificateValidationCallback", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_wss_for_a_server_without_TLS_is_told_with_the_one_to_try()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadAsync(5);
            await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress)
        );
        Assert.Contains("try ws://", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_address_of_wss_for_a_server_that_ends_the_connection_is_told_with_the_one_to_try()
    {
        await using var server = new ScriptedServer(static peer => peer.ReadAsync(5));
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress)
        );
        Assert.Contains("ended the connection", exception.Message, StringComparison.Ordinal);
        Assert.Contains("try ws://", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_address_of_wss_for_a_server_that_waits_is_told_with_the_one_to_try()
    {
        await using var server = new ScriptedServer(static peer => peer.ReadToEndAsync());
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.SecureAddress, new WebSocketClientOptions { ConnectTimeout = TimeSpan.FromSeconds(5) })
        );
        Assert.Contains("did not complete TLS within 5 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains("try ws://", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_address_of_ws_for_a_server_of_TLS_is_told_with_the_one_to_try()
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using var server = new ScriptedServer(async peer =>
            await Assert.ThrowsAnyAsync<Exception>(() => peer.StartTlsAsync(certificate))
        );
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Contains("try wss://", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_s_program_is_warned_by_the_compiler() =>
        Assert.Contains(
            typeof(WebSocketClient).GetCustomAttributes<UnsupportedOSPlatformAttribute>(),
            static attribute => attribute.PlatformName == "browser"
        );

    [Fact]
    public async Task TLS_is_checked_by_the_caller_s_rule_when_there_is_one()
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.StartTlsAsync(certificate);
            HttpText request = await peer.ReadRequestAsync();
            await peer.SendAsync(ScriptedPeer.Answer(request) + "\u0081\u0006secret");
            await peer.ReadToEndAsync();
        });
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            server.SecureAddress,
            new WebSocketClientOptions { Tls = Trust(certificate) }
        );
        Assert.Equal("secret", (await socket.ReadAsync()).Text);
        socket.Abort();
        await socket.Completion.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Cookies_are_sent_and_taken_from_the_answer()
    {
        HttpText? request = null;
        var cookies = new CookieContainer();
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync("Set-Cookie: seen=1; Path=/\r\n")))
        {
            cookies.Add(new Uri($"http://127.0.0.1:{server.Port}/"), new Cookie("session", "abc"));
            await WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { Cookies = cookies });
        }

        Assert.Equal("session=abc", request!["Cookie"]);
        Assert.Contains(cookies.GetAllCookies(), static cookie => cookie is { Name: "seen", Value: "1" });
    }

    [Fact]
    public async Task Credentials_answer_a_challenge()
    {
        HttpText? last = null;
        await using (
            var server = new ScriptedServer(async peer =>
            {
                HttpText request = await peer.ReadRequestAsync();
                if (request["Authorization"] is null)
                {
                    await peer.SendAsync(
                        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    );
                    return;
                }

                last = request;
                await peer.SendAsync(ScriptedPeer.Answer(request));
            })
        )
        {
            await WebSocketClient.ConnectAsync(
                server.Address,
                new WebSocketClientOptions { Credentials = new NetworkCredential("ada", "secret") }
            );
        }

        Assert.Equal("Basic YWRhOnNlY3JldA==", last!["Authorization"]);
    }

    private static async Task<WebSocketHandshakeException> FailsByCertificateAsync(
        SslClientAuthenticationOptions? tls,
        string host = "localhost"
    )
    {
        using X509Certificate2 certificate = ScriptedServer.CreateCertificate();
        await using var server = new ScriptedServer(async peer =>
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await peer.StartTlsAsync(certificate);
                await peer.ReadAsync(1);
            })
        );
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(new Uri($"wss://{host}:{server.Port}/"), new WebSocketClientOptions { Tls = tls })
        );
        Assert.StartsWith($"TLS with {host}:{server.Port} failed", exception.Message, StringComparison.Ordinal);
        return exception;
    }

    internal static SslClientAuthenticationOptions Trust(X509Certificate2 certificate) =>
        new() { RemoteCertificateValidationCallback = (_, presented, _, _) => certificate.Equals(presented) };
}
