using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.AspNetCore.Tests;

/// <summary>RFC 6455 §4.2: each rule by exact bytes on a socket.</summary>
public abstract class OpeningHandshakeTests(ServerTransport transport) : ServerTests(transport), IAsyncLifetime
{
    public sealed class OnKestrel() : OpeningHandshakeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : OpeningHandshakeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : OpeningHandshakeTests(ServerTransport.IoUring);

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await StartServerAsync(
            application =>
            {
                application.MapWebSocket("/echo", new EchoHandler());
                application.MapWebSocket("/spoken", new EchoHandler(), static endpoint => endpoint.Subprotocols = ["chat.v2", "chat.v1"]);
                application.MapWebSocket(
                    "/required",
                    new EchoHandler(),
                    static endpoint =>
                    {
                        endpoint.Subprotocols = ["chat.v2", "chat.v1"];
                        endpoint.RequireSubprotocol = true;
                    }
                );
                application.MapWebSocket(
                    "/listed",
                    new EchoHandler(),
                    static endpoint => endpoint.Origins = OriginRule.Allow("https://app.example.com", "https://*.example.org")
                );
                application.MapWebSocket("/any", new EchoHandler(), static endpoint => endpoint.Origins = OriginRule.Any);
            },
            kestrel: static options => options.Limits.MaxRequestHeadersTotalSize = 16 << 10
        );

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_server.Log.Errors);
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_right_handshake_switches_protocols_and_proves_the_key()
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest());
        Assert.Equal("HTTP/1.1 101 Switching Protocols", answer.StatusLine);
        Assert.Equal("websocket", answer["Upgrade"]);
        Assert.Equal("Upgrade", answer["Connection"]);
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer["Sec-WebSocket-Accept"]);
        Assert.Null(answer["Sec-WebSocket-Protocol"]);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Another_method_than_GET_is_refused_with_405_and_what_is_allowed(string method)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest { Method = method });
        Assert.Equal(405, answer.Status);
        Assert.Equal("GET", answer["Allow"]);
    }

    [Fact]
    public async Task HTTP_1_0_is_refused_with_400() =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest { Version = "HTTP/1.0" })).Status);

    [Theory]
    [InlineData("websocket")]
    [InlineData("WebSocket")]
    [InlineData("h2c, WEBSOCKET")]
    [InlineData("websocket ,h2c/1")]
    public async Task The_Upgrade_token_is_found_in_a_list_and_in_any_case(string upgrade) =>
        Assert.Equal(101, (await AskAsync(new HandshakeRequest().With("Upgrade", upgrade))).Status);

    [Theory]
    [InlineData(null)]
    [InlineData("notwebsocket")]
    [InlineData("websocket/x")]
    [InlineData("web socket")]
    [InlineData("h2c")]
    public async Task Without_the_Upgrade_token_it_is_refused_with_400(string? upgrade) =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest().With("Upgrade", upgrade))).Status);

    [Theory]
    [InlineData("upgrade")]
    [InlineData("keep-alive, Upgrade")]
    [InlineData("UPGRADE ,keep-alive")]
    public async Task The_Connection_token_is_found_in_a_list_and_in_any_case(string connection) =>
        Assert.Equal(101, (await AskAsync(new HandshakeRequest().With("Connection", connection))).Status);

    [Fact]
    public async Task A_list_in_several_lines_counts_as_one() =>
        Assert.Equal(101, (await AskAsync(new HandshakeRequest().With("Connection", "keep-alive").And("Connection", "Upgrade"))).Status);

    [Theory]
    [InlineData(null)]
    [InlineData("keep-alive")]
    [InlineData("upgraded")]
    [InlineData("close")]
    public async Task Without_the_Connection_token_it_is_refused_with_400(string? connection) =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest().With("Connection", connection))).Status);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25j")] // 15 bytes
    [InlineData("dGhlIHNhbXBsZSBub25jZTE=")] // 17 bytes
    [InlineData("dGhlIHNhbXBsZSBub25jZR==")] // bits behind the last byte
    [InlineData("dGhlIHNhbXBsZSBub25jZQ")] // without its padding
    [InlineData("dGhlIHNhbXBsZSBub25jZQ-=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==")]
    public async Task A_key_that_is_not_the_base64_of_16_bytes_is_refused_with_400(string? key) =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest().With("Sec-WebSocket-Key", key))).Status);

    [Fact]
    public async Task Two_keys_are_refused_with_400() =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest().And("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA=="))).Status);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("14")]
    [InlineData("013")]
    [InlineData("13, 8")]
    public async Task Another_version_than_13_is_refused_with_426_and_the_version_that_is_spoken(string? version)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest().With("Sec-WebSocket-Version", version));
        Assert.Equal(426, answer.Status);
        Assert.Equal("13", answer["Sec-WebSocket-Version"]);
        Assert.Equal("websocket", answer["Upgrade"]); // RFC 9110 §15.5.22
    }

    [Theory]
    [InlineData("chat.v1, chat.v2", "chat.v2")] // the server's preference counts
    [InlineData("unknown, chat.v1", "chat.v1")]
    [InlineData("unknown", null)]
    [InlineData("CHAT.V1", null)] // compared letter by letter
    [InlineData(null, null)]
    public async Task The_subprotocol_is_the_server_s_first_that_is_offered(string? offered, string? chosen)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest { Path = "/spoken" }.With("Sec-WebSocket-Protocol", offered));
        Assert.Equal(101, answer.Status);
        Assert.Equal(chosen, answer["Sec-WebSocket-Protocol"]);
    }

    [Fact]
    public async Task Subprotocols_offered_in_several_lines_count_as_one_list()
    {
        HandshakeRequest request = new HandshakeRequest { Path = "/spoken" }
            .And("Sec-WebSocket-Protocol", "a")
            .And("Sec-WebSocket-Protocol", "chat.v1");
        Assert.Equal("chat.v1", (await AskAsync(request))["Sec-WebSocket-Protocol"]);
    }

    [Theory]
    [InlineData("chat.v1", 101)]
    [InlineData("unknown", 400)]
    [InlineData(null, 400)]
    public async Task An_endpoint_may_require_a_subprotocol(string? offered, int status) =>
        Assert.Equal(status, (await AskAsync(new HandshakeRequest { Path = "/required" }.With("Sec-WebSocket-Protocol", offered))).Status);

    [Theory]
    [InlineData("chat.v1, chat.v1")]
    [InlineData("chat.v1,, chat.v1")]
    [InlineData("chat v1")]
    [InlineData("chat.v1;q=1")]
    [InlineData("\"chat.v1\"")]
    public async Task Duplicate_or_malformed_subprotocols_are_refused_with_400(string offered) =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest { Path = "/spoken" }.With("Sec-WebSocket-Protocol", offered))).Status);

    [Theory]
    [InlineData("", null)]
    [InlineData(",", null)]
    [InlineData("chat.v1, ", "chat.v1")]
    [InlineData(",chat.v1", "chat.v1")]
    [InlineData("chat.v1,\t, ,unknown", "chat.v1")]
    public async Task Empty_elements_in_a_list_of_subprotocols_are_ignored(string offered, string? chosen)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest { Path = "/spoken" }.With("Sec-WebSocket-Protocol", offered));
        Assert.Equal(101, answer.Status);
        Assert.Equal(chosen, answer["Sec-WebSocket-Protocol"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ,, ")]
    [InlineData(",x-unknown,")]
    public async Task Empty_elements_in_a_list_of_extensions_are_ignored(string offered)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest().With("Sec-WebSocket-Extensions", offered));
        Assert.Equal(101, answer.Status);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
    }

    [Theory]
    [InlineData("x-unknown")]
    [InlineData("foo; bar=1; baz=\"q\", x")]
    [InlineData("__proto__, constructor; toString=valueOf")]
    [InlineData("permessage-deflate; no_such_parameter")]
    public async Task Unknown_extensions_and_parameters_are_declined(string offered)
    {
        HttpAnswer answer = await AskAsync(new HandshakeRequest().With("Sec-WebSocket-Extensions", offered));
        Assert.Equal(101, answer.Status);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
    }

    [Theory]
    [InlineData(";")]
    [InlineData("foo; ;")]
    [InlineData("foo=bar")]
    [InlineData("foo; a=\"b c\"")]
    [InlineData("foo; a=\"b")]
    [InlineData("foo bar")]
    public async Task Malformed_extensions_are_refused_with_400(string offered) =>
        Assert.Equal(400, (await AskAsync(new HandshakeRequest().With("Sec-WebSocket-Extensions", offered))).Status);

    [Theory]
    [InlineData("/echo", null, 101)] // no browser
    [InlineData("/echo", "http://localhost", 101)]
    [InlineData("/echo", "https://LOCALHOST", 101)]
    [InlineData("/echo", "http://localhost:8081", 403)]
    [InlineData("/echo", "https://evil.example", 403)]
    [InlineData("/echo", "http://localhost.evil.example", 403)]
    [InlineData("/echo", "null", 403)]
    [InlineData("/listed", "https://app.example.com", 101)]
    [InlineData("/listed", "https://app.example.com:443", 101)]
    [InlineData("/listed", "http://app.example.com", 403)]
    [InlineData("/listed", "https://other.example.com", 403)]
    [InlineData("/listed", "https://a.b.example.org", 101)]
    [InlineData("/listed", "https://example.org", 403)]
    [InlineData("/listed", "https://evilexample.org", 403)]
    [InlineData("/listed", "http://localhost", 403)]
    [InlineData("/any", "https://evil.example", 101)]
    public async Task The_origin_rule_decides_before_the_upgrade(string path, string? origin, int status) =>
        Assert.Equal(status, (await AskAsync(new HandshakeRequest { Path = path }.With("Origin", origin))).Status);

    [Theory]
    [InlineData("xn--mnchen-3ya.localhost", "http://xn--mnchen-3ya.localhost", 101)]
    [InlineData("XN--Mnchen-3ya.localhost", "https://xn--mnchen-3YA.localhost", 101)]
    [InlineData("xn--mnchen-3ya.localhost", "http://xn--mnchen-4ya.localhost", 403)]
    public async Task An_internationalised_host_is_compared_as_it_is_on_the_wire(string host, string origin, int status) =>
        Assert.Equal(status, (await AskAsync(new HandshakeRequest().With("Host", host).With("Origin", origin))).Status);

    // Over TLS the request is known to be secure; without it a proxy may have ended TLS.
    [Theory]
    [InlineData(true, "https://localhost", 101)]
    [InlineData(true, "http://localhost", 403)]
    [InlineData(true, "http://localhost:443", 403)]
    [InlineData(false, "https://localhost", 101)]
    [InlineData(false, "http://localhost", 101)]
    public async Task A_page_that_was_fetched_without_TLS_is_not_of_the_same_host_over_TLS(bool tls, string origin, int status)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            certificate: certificate
        );
        Assert.Equal(status, (await RawClient.AskAsync(server, new HandshakeRequest().With("Origin", origin), tls)).Status);
    }

    [Theory]
    [InlineData("null", 101)]
    [InlineData("file://", 101)]
    [InlineData("null://", 403)]
    [InlineData("file://host", 403)]
    [InlineData("http://localhost", 403)]
    public async Task Pages_without_a_host_can_be_allowed_by_name(string origin, int status)
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket("/echo", new EchoHandler(), static endpoint => endpoint.Origins = OriginRule.Allow("null", "file://"))
        );
        Assert.Equal(status, (await RawClient.AskAsync(server, new HandshakeRequest().With("Origin", origin))).Status);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5000")]
    [InlineData("a.b.localhost")]
    [InlineData("localhost.")]
    [InlineData("127.0.0.1:80")]
    [InlineData("127.200.3.4")]
    [InlineData("[::1]:5000")]
    public async Task On_loopback_the_pages_of_loopback_names_are_of_the_same_host(string host) =>
        Assert.Equal(101, (await AskAsync(new HandshakeRequest().With("Host", host).With("Origin", "http://" + host))).Status);

    // A page by DNS rebinding: its own name leads to this machine, so that both headers say the same.
    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("evillocalhost")]
    [InlineData("127.0.0.1.evil.example:80")]
    [InlineData("128.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::2]")]
    [InlineData("127.1")]
    public async Task On_loopback_a_page_of_another_name_is_not_of_the_same_host(string host) =>
        Assert.Equal(403, (await AskAsync(new HandshakeRequest().With("Host", host).With("Origin", "http://" + host))).Status);

    [Fact]
    public async Task On_loopback_a_client_that_is_no_browser_may_name_any_host() =>
        Assert.Equal(101, (await AskAsync(new HandshakeRequest().With("Host", "chat.example"))).Status);

    [Fact]
    public async Task Who_expects_a_100_gets_it_before_the_101()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(new HandshakeRequest().And("Expect", "100-Continue").ToString());
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadHeadAsync());
        Assert.Equal(101, new HttpAnswer(await client.ReadHeadAsync()).Status);
        await client.SendTextAsync("hello");
        Assert.Equal("hello", await client.ReadTextAsync());
    }

    [Fact]
    public async Task Who_expects_a_100_and_is_refused_gets_the_refusal_alone()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        HttpAnswer answer = await client.AskAsync(
            new HandshakeRequest().And("Expect", "100-continue").With("Origin", "https://evil.example")
        );
        Assert.Equal(403, answer.Status);
    }

    [Fact]
    public async Task After_a_426_the_connection_is_kept_as_it_says()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        HttpAnswer refusal = await client.AskAsync(new HandshakeRequest().With("Sec-WebSocket-Version", "12"));
        Assert.Equal("Upgrade, keep-alive", refusal["Connection"]);
        await client.ReadBodyAsync(refusal);
        Assert.Equal(101, (await client.AskAsync(new HandshakeRequest())).Status);
    }

    [Fact]
    public async Task After_a_426_the_connection_is_closed_as_it_says()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        HttpAnswer refusal = await client.AskAsync(
            new HandshakeRequest().With("Sec-WebSocket-Version", "12").With("Connection", "close, Upgrade")
        );
        Assert.Equal("Upgrade, close", refusal["Connection"]);
        await client.ReadBodyAsync(refusal);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Two_origins_are_refused() =>
        Assert.Equal(
            403,
            (await AskAsync(new HandshakeRequest().And("Origin", "http://localhost").And("Origin", "http://localhost"))).Status
        );

    [Fact]
    public async Task A_header_section_over_its_limit_is_refused_with_431() =>
        Assert.Equal(431, (await AskAsync(new HandshakeRequest().And("X-Large", new string('x', 16 << 10)))).Status);

    [Fact]
    public async Task Too_many_headers_are_refused_with_431()
    {
        var request = new HandshakeRequest();
        for (int i = 0; i < 200; i++)
        {
            request.And("X-" + i.ToString(CultureInfo.InvariantCulture), "");
        }

        Assert.Equal(431, (await AskAsync(request)).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_handshake_may_come_in_pieces(int bytes)
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        foreach (char[] piece in new HandshakeRequest().ToString().Chunk(bytes))
        {
            await client.SendAsync(new string(piece));
        }

        Assert.Equal(101, new HttpAnswer(await client.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task Bytes_right_behind_the_blank_line_belong_to_the_WebSocket()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        byte[] head = System.Text.Encoding.ASCII.GetBytes(new HandshakeRequest().ToString());
        byte[] all = [.. head, .. RawClient.Frame(0x81, "first"u8), .. RawClient.Frame(0x81, "second"u8)];
        // The second message is cut, so that one read ends inside of it.
        await client.SendAsync(all.AsMemory(0, all.Length - 3));
        Assert.Equal(101, new HttpAnswer(await client.ReadHeadAsync()).Status);
        Assert.Equal("first", await client.ReadTextAsync());
        await client.SendAsync(all.AsMemory(all.Length - 3));
        Assert.Equal("second", await client.ReadTextAsync());
    }

    [Fact]
    public async Task A_handshake_with_a_body_is_refused_and_its_body_is_no_frame()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        byte[] frame = RawClient.Frame(0x81, "smuggled"u8);
        await client.SendAsync(
            new HandshakeRequest().And("Content-Length", frame.Length.ToString(CultureInfo.InvariantCulture)).ToString()
        );
        await client.SendAsync(frame);
        Assert.Equal(400, new HttpAnswer(await client.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task Nothing_of_the_request_breaks_the_answer_s_lines()
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(
            new HandshakeRequest { Path = "/spoken?a=%0d%0aX-Broken:%201" }
                .With("Sec-WebSocket-Protocol", "chat.v1, chat%0d%0aX-Broken")
                .With("Origin", "http://localhost")
                .ToString()
        );
        string head = await client.ReadHeadAsync();
        Assert.Equal(101, new HttpAnswer(head).Status);
        Assert.DoesNotContain("X-Broken", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat.v1\rX-Broken: 1")]
    [InlineData("chat.v1\nX-Broken: 1")]
    [InlineData("chat.v1\0")]
    public async Task Control_characters_in_an_offer_never_come_back(string offered)
    {
        using RawClient client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(
            new HandshakeRequest { Path = "/spoken" }
                .With("Sec-WebSocket-Protocol", offered)
                .ToString()
        );
        string head = await client.ReadHeadAsync();
        Assert.DoesNotContain("X-Broken", head, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', head);
    }

    private Task<HttpAnswer> AskAsync(HandshakeRequest request) => RawClient.AskAsync(_server, request);
}
