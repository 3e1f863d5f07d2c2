namespace Longwire.Client.Tests;

public sealed class HandshakeFailureTests
{
    [Theory]
    [InlineData("no address", "no address")]
    [InlineData("to http://host:80/ it failed", "to http://host:80/ it failed")]
    [InlineData("proxy 'http://ada:secret@host:80/' failed", "proxy 'http://host:80/' failed")]
    [InlineData("http://ada:sec@ret@host, then socks5://bob:other@host", "http://host, then socks5://host")]
    [InlineData("http://host/mail@example.com", "http://host/mail@example.com")]
    [InlineData("ends in ://", "ends in ://")]
    public void A_user_in_an_address_is_not_told(string message, string told) => Assert.Equal(told, HandshakeFailure.WithoutUser(message));
}
