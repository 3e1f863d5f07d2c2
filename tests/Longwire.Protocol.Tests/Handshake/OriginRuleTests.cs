namespace Longwire.Protocol.Tests;

public sealed class OriginRuleTests
{
    [Theory]
    [InlineData("https://example.com", "example.com")]
    [InlineData("https://EXAMPLE.com", "example.COM")]
    [InlineData("https://example.com:443", "example.com")]
    [InlineData("https://example.com", "example.com:443")]
    [InlineData("http://example.com", "example.com:80")]
    [InlineData("http://localhost:8080", "localhost:8080")]
    [InlineData("http://[::1]:8080", "[::1]:8080")]
    [InlineData(null, "example.com")]
    [InlineData("", "example.com")]
    [InlineData(null, null)]
    public void By_default_the_same_host_and_clients_without_an_origin_connect(string? origin, string? host) =>
        Assert.True(OriginRule.SameHost.Allows(origin, host));

    [Theory]
    [InlineData("https://evil.com", "example.com")]
    [InlineData("https://example.com.evil.com", "example.com")]
    [InlineData("https://evil.com/example.com", "example.com")]
    [InlineData("https://evil.com?example.com", "example.com")]
    [InlineData("https://evil.com#@example.com", "example.com")]
    [InlineData("https://example.com@evil.com", "example.com")]
    [InlineData("https://evil.com\\example.com", "example.com")]
    [InlineData("http://example.com:8081", "example.com:8080")]
    [InlineData("http://sub.example.com", "example.com")]
    [InlineData("https://example.com", null)]
    [InlineData("null", "example.com")]
    [InlineData("example.com", "example.com")]
    [InlineData("://example.com", "example.com")]
    [InlineData("https://", "")]
    [InlineData("https://ban\u212A.com", "bank.com")] // the sign of the Kelvin, whose lower case is a k
    [InlineData("\u00E9://example.com", "example.com")]
    public void By_default_every_other_origin_is_kept_out(string origin, string? host) =>
        Assert.False(OriginRule.SameHost.Allows(origin, host));

    [Theory]
    [InlineData("https://a.com", true)]
    [InlineData("https://A.com:443", true)]
    [InlineData("http://a.com", false)]
    [InlineData("https://a.com:8443", false)]
    [InlineData("https://b.com:8443", true)]
    [InlineData("https://b.com", false)]
    [InlineData("https://x.c.com", true)]
    [InlineData("https://y.x.c.com", true)]
    [InlineData("https://c.com", false)]
    [InlineData("https://.c.com", false)]
    [InlineData("https://xc.com", false)]
    [InlineData("http://x.c.com", false)]
    [InlineData("https://x.c.com.evil.com", false)]
    [InlineData("null", false)]
    [InlineData(null, true)]
    public void A_list_allows_its_origins_and_the_subdomains_it_names(string? origin, bool allowed) =>
        Assert.Equal(allowed, OriginRule.Allow("https://a.com", "https://B.com:8443", "https://*.c.com").Allows(origin, "server"));

    [Theory]
    [InlineData("null", true)]
    [InlineData("file://", true)]
    [InlineData("FILE://", true)]
    [InlineData("Null", false)]
    [InlineData("null://", false)]
    [InlineData("file://host", false)]
    [InlineData("file:///", false)]
    [InlineData("https://a.com", true)]
    [InlineData("https://b.com", false)]
    public void A_list_allows_pages_without_a_host_by_their_name(string origin, bool allowed) =>
        Assert.Equal(allowed, OriginRule.Allow("null", "file://", "https://a.com").Allows(origin, "server"));

    [Theory]
    [InlineData("null", "null")]
    [InlineData("file://", "")]
    [InlineData("file://", null)]
    public void By_default_pages_without_a_host_are_kept_out(string origin, string? host)
    {
        Assert.False(OriginRule.SameHost.Allows(origin, host));
        Assert.False(OriginRule.Allow("https://a.com").Allows(origin, host));
    }

    [Theory]
    [InlineData("https://a.com", true)]
    [InlineData("wss://a.com", true)]
    [InlineData("http://a.com", false)]
    [InlineData("http://a.com:443", false)]
    public void Over_TLS_a_page_that_came_without_it_is_not_of_the_same_host(string origin, bool allowed)
    {
        Assert.Equal(allowed, OriginRule.SameHost.Allows(origin, "a.com", isSecure: true));
        Assert.True(OriginRule.Allow(origin).Allows(origin, "a.com", isSecure: true));
    }

    [Fact]
    public void A_list_with_a_star_allows_every_origin() => Assert.Same(OriginRule.Any, OriginRule.Allow("https://a.com", "*"));

    [Theory]
    [InlineData("null")]
    [InlineData("https://anything")]
    public void Any_allows_every_origin(string origin) => Assert.True(OriginRule.Any.Allows(origin, "server"));

    [Theory]
    [InlineData("a.com")]
    [InlineData("https://")]
    [InlineData("https://a.com/")]
    [InlineData("https://*")]
    [InlineData("https://a.*.com")]
    [InlineData("https://*a.com")]
    [InlineData("https://m\u00FCnchen.de")]
    [InlineData("")]
    public void An_entry_that_could_never_match_is_the_callers_fault(string entry) =>
        Assert.Throws<ArgumentException>(() => OriginRule.Allow(entry));

    [Fact]
    public void An_empty_list_is_the_callers_fault() => Assert.Throws<ArgumentException>(() => OriginRule.Allow());

    [Fact]
    public void What_is_no_origin_is_named_and_so_is_what_to_write_instead()
    {
        string message = Assert.Throws<ArgumentException>(() => OriginRule.Allow("example.com")).Message;
        Assert.Contains("'example.com'", message, StringComparison.Ordinal);
        Assert.Contains("https://example.com", message, StringComparison.Ordinal);
        Assert.Contains("At least one", Assert.Throws<ArgumentException>(() => OriginRule.Allow()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.com", "http://example.com:80", true)]
    [InlineData("https://example.com", "https://example.com:443", true)]
    [InlineData("http://example.com", "http://example.com:443", false)]
    [InlineData("https://example.com", "https://example.com:80", false)]
    public void The_port_of_the_scheme_needs_no_mention(string allowed, string origin, bool isAllowed) =>
        Assert.Equal(isAllowed, OriginRule.Allow(allowed).Allows(origin, "other.example"));
}
