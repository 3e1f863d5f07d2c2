namespace Longwire.Protocol.Tests;

public sealed class HeaderTokensTests
{
    [Theory]
    [InlineData("websocket")]
    [InlineData("WebSocket")]
    [InlineData("h2c, websocket")]
    [InlineData(" \twebsocket\t ,h2c")]
    [InlineData(",,websocket")]
    public void A_token_is_found_whatever_its_case_and_place(string list) => Assert.True(HeaderTokens.Contains(list, "websocket"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("notwebsocket")]
    [InlineData("websocket/x")]
    [InlineData("websocket/13")]
    [InlineData("websockets")]
    [InlineData("web socket")]
    [InlineData("\"websocket\"")]
    [InlineData("web\u017Focket")]
    public void A_part_of_another_word_is_no_token(string? list) => Assert.False(HeaderTokens.Contains(list, "websocket"));

    [Fact]
    public void The_tokens_characters_are_those_of_RFC_9110()
    {
        for (char c = '\0'; c < 0x200; c++)
        {
            bool expected = char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);
            Assert.Equal(expected, HeaderTokens.IsToken([c]));
            Assert.Equal(expected, HeaderTokens.IsToken(['a', c, 'b']));
        }

        Assert.False(HeaderTokens.IsToken(""));
    }

    [Fact]
    public void A_long_list_takes_linear_time()
    {
        string list = string.Concat(Enumerable.Repeat(" ,", 1 << 20));
        TimeSpan used = ThreadTime.Of(() => Assert.False(HeaderTokens.Contains(list, "websocket")));
        Assert.InRange(used, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    // Only spaces and tabs may stand around a token (RFC 9110 §5.6.3).
    [Theory]
    [InlineData("\u00A0websocket")]
    [InlineData("websocket\v")]
    public void Other_white_space_is_part_of_the_token(string list) => Assert.False(HeaderTokens.Contains(list, "websocket"));
}
