namespace Longwire.Hubs.Tests;

public sealed class SessionSecretTests
{
    private static readonly byte[] _secret = [.. Enumerable.Range(0, SessionSecret.SecretBytes).Select(value => (byte)value)];

    [Fact]
    public void What_is_formatted_can_be_parsed()
    {
        Assert.True(SessionSecret.TryParse(SessionSecret.Format("client", _secret), out string clientId, out byte[] secret));
        Assert.Equal("client", clientId);
        Assert.Equal(_secret, secret);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("client")]
    [InlineData("client.")]
    [InlineData("client.AAAA")]
    [InlineData("client.!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData(".AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("client.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.x")]
    public void Anything_else_cannot(string? text) => Assert.False(SessionSecret.TryParse(text, out _, out _));

    [Fact]
    public void Something_very_long_is_not_looked_at() =>
        Assert.False(SessionSecret.TryParse(new string('a', 10_000) + SessionSecret.Format("client", _secret), out _, out _));
}
