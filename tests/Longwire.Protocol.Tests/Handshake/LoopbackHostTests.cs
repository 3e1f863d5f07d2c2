namespace Longwire.Protocol.Tests;

public sealed class LoopbackHostTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost:5000")]
    [InlineData("localhost.")]
    [InlineData("a.localhost")]
    [InlineData("a.b.localhost:80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.3.4:65535")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    public void These_lead_to_this_machine(string host) => Assert.True(LoopbackHost.Matches(host));

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("example.com")]
    [InlineData("localhost.example.com")]
    [InlineData("evillocalhost")]
    [InlineData(".localhost")]
    [InlineData("localhost..")]
    [InlineData("localhost:80@example.com")]
    [InlineData("localhost:http")]
    [InlineData("127.0.0.1.example.com")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("127.0.0.01")]
    [InlineData("128.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("[::2]")]
    [InlineData("[::1")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[::1]example.com")]
    public void These_may_lead_anywhere(string host) => Assert.False(LoopbackHost.Matches(host));
}
