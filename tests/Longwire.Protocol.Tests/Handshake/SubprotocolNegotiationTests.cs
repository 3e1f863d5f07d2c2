namespace Longwire.Protocol.Tests;

public sealed class SubprotocolNegotiationTests
{
    [Fact]
    public void No_header_is_an_empty_offer()
    {
        Assert.True(SubprotocolNegotiation.TryParse(null, out IReadOnlyList<string> offered));
        Assert.Empty(offered);
    }

    [Theory]
    [InlineData("chat", "chat")]
    [InlineData("b, a ,\tc", "b|a|c")]
    [InlineData("a,A", "a|A")]
    public void The_offer_is_read_in_the_clients_order(string header, string expected)
    {
        Assert.True(SubprotocolNegotiation.TryParse(header, out IReadOnlyList<string> offered));
        Assert.Equal(expected.Split('|'), offered);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(",", "")]
    [InlineData(" ,\t,", "")]
    [InlineData("a,", "a")]
    [InlineData(",a", "a")]
    [InlineData("a, ,,b", "a|b")]
    public void Empty_elements_are_ignored(string header, string expected)
    {
        Assert.True(SubprotocolNegotiation.TryParse(header, out IReadOnlyList<string> offered));
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), offered);
    }

    [Theory]
    [InlineData("a,a")]
    [InlineData("a,,a")]
    [InlineData("a b")]
    [InlineData("a;b")]
    [InlineData("gr\u00FC\u00DFe")]
    public void A_malformed_or_double_entry_is_refused(string header)
    {
        Assert.False(SubprotocolNegotiation.TryParse(header, out IReadOnlyList<string> offered));
        Assert.Empty(offered);
    }

    [Fact]
    public void The_number_of_offers_is_limited()
    {
        string Offers(int count) => string.Join(',', Enumerable.Range(0, count));
        Assert.True(SubprotocolNegotiation.TryParse(Offers(SubprotocolNegotiation.MaxOffers), out _));
        Assert.False(SubprotocolNegotiation.TryParse(Offers(SubprotocolNegotiation.MaxOffers + 1), out _));
        Assert.False(SubprotocolNegotiation.TryParse(Offers(1_000_000), out _));
        Assert.True(SubprotocolNegotiation.TryParse(Offers(1) + new string(',', 1_000_000), out _));
    }

    [Fact]
    public void The_servers_preference_decides()
    {
        Assert.Equal("b", SubprotocolNegotiation.Choose(["b", "a"], ["a", "b"]));
        Assert.Equal("a", SubprotocolNegotiation.Choose(["x", "a"], ["a", "b"]));
    }

    [Fact]
    public void None_in_common_is_none()
    {
        Assert.Null(SubprotocolNegotiation.Choose(["A"], ["a"]));
        Assert.Null(SubprotocolNegotiation.Choose([], ["a"]));
        Assert.Null(SubprotocolNegotiation.Choose(["a"], []));
    }

    // Only spaces and tabs may stand around a token (RFC 9110 §5.6.3).
    [Fact]
    public void Other_white_space_is_no_part_of_a_token() => Assert.False(SubprotocolNegotiation.TryParse("chat,\u00A0superchat", out _));

    [Fact]
    public void Lists_that_are_null_are_the_callers_fault()
    {
        Assert.Throws<ArgumentNullException>("supported", () => SubprotocolNegotiation.Choose(null!, ["chat"]));
        Assert.Throws<ArgumentNullException>("offered", () => SubprotocolNegotiation.Choose(["chat"], null!));
        Assert.Throws<ArgumentNullException>("offered", () => SubprotocolNegotiation.Choose([], null!));
    }
}
