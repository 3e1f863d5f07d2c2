namespace Longwire.Cli.Tests;

public sealed class ArgumentsTests
{
    private static readonly string[] _verbs = ["serve", "connect"];

    [Theory]
    [InlineData(":8080", "ws://localhost:8080/")]
    [InlineData(":8080/path?a=b", "ws://localhost:8080/path?a=b")]
    [InlineData("localhost", "ws://localhost/")]
    [InlineData("LOCALHOST:81/x", "ws://localhost:81/x")]
    [InlineData("localhost/x", "ws://localhost/x")]
    [InlineData("127.0.0.1:81", "ws://127.0.0.1:81/")]
    [InlineData("[::1]:81/x", "ws://[::1]:81/x")]
    [InlineData("example.com/x", "wss://example.com/x")]
    [InlineData("example.com:8443", "wss://example.com:8443/")]
    [InlineData("localhost.example.com", "wss://localhost.example.com/")]
    [InlineData("localhostile", "wss://localhostile/")]
    [InlineData("127.example.com", "wss://127.example.com/")]
    [InlineData("localhost@example.com", "wss://localhost@example.com/")]
    [InlineData("example.com/?next=http://localhost", "wss://example.com/?next=http://localhost")]
    [InlineData("ws://example.com", "ws://example.com/")]
    [InlineData("https://example.com", "https://example.com/")]
    public void An_address_may_be_typed_short(string typed, string meant)
    {
        Assert.True(Arguments.TryReadAddress(typed, out Uri address));
        Assert.Equal(meant, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":x")]
    [InlineData("ftp://example.com")]
    [InlineData("ws://")]
    [InlineData("a b")]
    [InlineData("example.com:99999")]
    public void What_is_no_address_is_refused(string typed) => Assert.False(Arguments.TryReadAddress(typed, out _));

    [Theory]
    [InlineData("ws://host", "connect ws://host")]
    [InlineData(":8080", "connect :8080")]
    [InlineData("localhost", "connect localhost")]
    [InlineData("localhost/echo", "connect localhost/echo")]
    [InlineData("example.com -x hi", "connect example.com -x hi")]
    [InlineData("-c ws://host", "connect ws://host")]
    [InlineData("-H a:b -c ws://host -x hi", "connect -H a:b ws://host -x hi")]
    [InlineData("--connect ws://host", "connect ws://host")]
    [InlineData("-x hi ws://host", "connect -x hi ws://host")]
    [InlineData("connect ws://host", "connect ws://host")]
    [InlineData("serve --port 1", "serve --port 1")]
    [InlineData("srve", "srve")]
    [InlineData("--help", "--help")]
    [InlineData("--version", "--version")]
    public void Connect_is_the_default_verb(string typed, string meant) =>
        Assert.Equal(meant.Split(' '), Arguments.WithDefaultVerb(typed.Split(' '), _verbs));

    [Fact]
    public void Nothing_stays_nothing() => Assert.Empty(Arguments.WithDefaultVerb([], _verbs));
}
