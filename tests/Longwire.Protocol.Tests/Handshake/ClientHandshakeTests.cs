namespace Longwire.Protocol.Tests;

public sealed class ClientHandshakeTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    [Theory]
    [InlineData("websocket", "Upgrade", Accept)]
    [InlineData("WebSocket", "keep-alive, upgrade", " " + Accept)]
    public void A_right_answer_is_accepted(string upgrade, string connection, string accept) =>
        Assert.Null(ClientHandshake.Check(Key, upgrade, connection, accept));

    [Theory]
    [InlineData(null, "Upgrade", Accept, "Upgrade: websocket")]
    [InlineData("notwebsocket", "Upgrade", Accept, "Upgrade: websocket")]
    [InlineData("websocket", null, Accept, "Connection: Upgrade")]
    [InlineData("websocket", "close", Accept, "Connection: Upgrade")]
    [InlineData("websocket", "Upgrade", null, "Sec-WebSocket-Accept")]
    [InlineData("websocket", "Upgrade", "", "Sec-WebSocket-Accept")]
    [InlineData("websocket", "Upgrade", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Accept")]
    [InlineData("websocket", "Upgrade", Accept + "=", "Sec-WebSocket-Accept")]
    public void A_wrong_answer_is_named(string? upgrade, string? connection, string? accept, string named) =>
        Assert.Contains(named, ClientHandshake.Check(Key, upgrade, connection, accept), StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData("chat")]
    public void A_subprotocol_that_was_offered_or_none_is_right(string? answered) =>
        Assert.Null(ClientHandshake.CheckSubprotocol(["chat", "superchat"], answered));

    [Theory]
    [InlineData("")]
    [InlineData("Chat")]
    [InlineData("other")]
    [InlineData("chat, superchat")]
    public void Any_other_subprotocol_is_wrong(string answered) =>
        Assert.NotNull(ClientHandshake.CheckSubprotocol(["chat", "superchat"], answered));

    [Fact]
    public void A_subprotocol_that_nobody_asked_for_is_wrong() => Assert.NotNull(ClientHandshake.CheckSubprotocol([], "chat"));

    // Only spaces and tabs may stand around a header's value (RFC 9110 §5.6.3).
    [Fact]
    public void Other_white_space_is_part_of_the_answer() =>
        Assert.NotNull(ClientHandshake.Check(Key, "websocket", "Upgrade", "\u00A0" + Accept));

    [Fact]
    public void What_is_wrong_with_a_subprotocol_is_said() =>
        Assert.Contains("subprotocol", ClientHandshake.CheckSubprotocol(["chat"], "other"), StringComparison.Ordinal);

    [Fact]
    public void An_offer_that_is_null_is_the_callers_fault() =>
        Assert.Throws<ArgumentNullException>("offered", () => ClientHandshake.CheckSubprotocol(null!, null));
}
