namespace Longwire.Protocol.Tests;

public sealed class ServerHandshakeTests
{
    private static readonly UpgradeRequest _right = new()
    {
        Method = "GET",
        IsHttp11OrHigher = true,
        Upgrade = "websocket",
        Connection = "Upgrade",
        Key = "dGhlIHNhbXBsZSBub25jZQ==",
        Version = "13",
    };

    private static int? StatusOf(UpgradeRequest request) => ServerHandshake.Check(request, out _, out _)?.StatusCode;

    [Fact]
    public void A_right_request_is_accepted_and_offers_nothing()
    {
        Assert.Null(ServerHandshake.Check(_right, out IReadOnlyList<string> subprotocols, out IReadOnlyList<ExtensionOffer> extensions));
        Assert.Empty(subprotocols);
        Assert.Empty(extensions);
    }

    [Fact]
    public void What_the_client_offers_is_handed_out_in_its_order()
    {
        UpgradeRequest request = _right with
        {
            Subprotocols = "chat, superchat",
            Extensions = "permessage-deflate; client_max_window_bits, x",
        };
        Assert.Null(ServerHandshake.Check(request, out IReadOnlyList<string> subprotocols, out IReadOnlyList<ExtensionOffer> extensions));
        Assert.Equal(["chat", "superchat"], subprotocols);
        Assert.Equal(["permessage-deflate; client_max_window_bits", "x"], extensions.Select(offer => offer.ToString()));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("get")]
    [InlineData("")]
    public void Another_method_is_answered_405(string method) => Assert.Equal(405, StatusOf(_right with { Method = method }));

    [Fact]
    public void HTTP_1_0_is_answered_400() => Assert.Equal(400, StatusOf(_right with { IsHttp11OrHigher = false }));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("notwebsocket")]
    [InlineData("websocket/x")]
    public void A_missing_Upgrade_token_is_answered_400(string? upgrade) => Assert.Equal(400, StatusOf(_right with { Upgrade = upgrade }));

    [Theory]
    [InlineData("WEBSOCKET", "keep-alive, UPGRADE")]
    [InlineData("h2c, websocket", "upgrade,close")]
    public void The_tokens_are_found_in_lists_and_in_any_case(string upgrade, string connection) =>
        Assert.Null(StatusOf(_right with { Upgrade = upgrade, Connection = connection }));

    [Theory]
    [InlineData(null)]
    [InlineData("keep-alive")]
    [InlineData("upgrades")]
    public void A_missing_Connection_token_is_answered_400(string? connection) =>
        Assert.Equal(400, StatusOf(_right with { Connection = connection }));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==")]
    public void A_missing_double_or_malformed_key_is_answered_400(string? key) => Assert.Equal(400, StatusOf(_right with { Key = key }));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("013")]
    [InlineData("13, 8")]
    [InlineData("13, 13")]
    [InlineData("13\u00A0")]
    public void Another_version_is_answered_426(string? version) => Assert.Equal(426, StatusOf(_right with { Version = version }));

    [Theory]
    [InlineData("a,a")]
    [InlineData("a,,a")]
    [InlineData("a b")]
    [InlineData("a\r\nSet-Cookie: x")]
    public void Malformed_or_double_subprotocols_are_answered_400(string subprotocols) =>
        Assert.Equal(400, StatusOf(_right with { Subprotocols = subprotocols }));

    [Theory]
    [InlineData("", "")]
    [InlineData(",a,", " ,, b")]
    public void Empty_elements_of_a_list_are_no_error(string subprotocols, string extensions) =>
        Assert.Null(StatusOf(_right with { Subprotocols = subprotocols, Extensions = extensions }));

    [Theory]
    [InlineData("a;")]
    [InlineData("a;b=\"")]
    public void Malformed_extensions_are_answered_400(string extensions) =>
        Assert.Equal(400, StatusOf(_right with { Extensions = extensions }));

    [Theory]
    [InlineData("__proto__; constructor")]
    [InlineData("permessage-deflate; server_max_window_bits=99; nonsense")]
    public void Unknown_extensions_and_parameters_are_no_error(string extensions) =>
        Assert.Null(StatusOf(_right with { Extensions = extensions }));

    [Fact]
    public void An_extended_CONNECT_of_HTTP_2_needs_no_upgrade_and_no_key_and_the_rest_as_above()
    {
        UpgradeRequest connect = new()
        {
            Method = "CONNECT",
            IsHttp11OrHigher = true,
            IsExtendedConnect = true,
            Version = "13",
        };
        Assert.Null(StatusOf(connect));
        Assert.Equal(426, StatusOf(connect with { Version = "8" }));
        Assert.Equal(400, StatusOf(connect with { Subprotocols = "a,a" }));
        Assert.Equal(400, StatusOf(connect with { Extensions = "a;" }));
        Assert.Equal(405, StatusOf(connect with { IsExtendedConnect = false }));
    }

    [Fact]
    public void A_refusal_never_repeats_what_the_request_said()
    {
        const string Marker = "X-Marker";
        UpgradeRequest[] requests =
        [
            _right with
            {
                Method = Marker,
            },
            _right with
            {
                Upgrade = Marker,
            },
            _right with
            {
                Connection = Marker,
            },
            _right with
            {
                Key = Marker,
            },
            _right with
            {
                Version = Marker,
            },
            _right with
            {
                Subprotocols = Marker + " x",
            },
            _right with
            {
                Extensions = Marker + ";",
            },
        ];
        foreach (UpgradeRequest request in requests)
        {
            HandshakeRefusal? refusal = ServerHandshake.Check(request, out _, out _);
            Assert.NotNull(refusal);
            Assert.DoesNotContain(Marker, refusal.Reason, StringComparison.Ordinal);
        }
    }

    // Only spaces and tabs may stand around a header's value (RFC 9110 §5.6.3).
    [Fact]
    public void Other_white_space_is_part_of_the_key() => Assert.Equal(400, StatusOf(_right with { Key = "\u00A0" + _right.Key }));

    [Fact]
    public void A_browser_that_asks_for_the_page_is_told_what_the_address_speaks()
    {
        HandshakeRefusal refusal = ServerHandshake.Check(_right with { Upgrade = null }, out _, out _)!;
        Assert.Contains("Upgrade: websocket", refusal.Reason, StringComparison.Ordinal);
    }
}
