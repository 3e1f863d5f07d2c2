namespace Longwire.Protocol.Tests;

public sealed class HandshakeKeyTests
{
    [Fact]
    public void The_example_of_the_RFC_comes_out() =>
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", HandshakeKey.Accept("dGhlIHNhbXBsZSBub25jZQ=="));

    [Fact]
    public void Sixteen_bytes_make_a_valid_key() =>
        Seeded.Run(
            100,
            random =>
            {
                byte[] nonce = new byte[HandshakeKey.NonceLength];
                random.NextBytes(nonce);
                string key = HandshakeKey.Create(nonce);
                Assert.Equal(nonce, Convert.FromBase64String(key));
                Assert.True(HandshakeKey.IsValid(key));
            }
        );

    [Theory]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZR==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQAA")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQA=")]
    [InlineData("dGhlIHNhbXBsZSBub25j ZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25j\u00E9Q==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("========================")]
    public void Whatever_is_not_the_base64_of_sixteen_bytes_is_no_key(string key) => Assert.False(HandshakeKey.IsValid(key));

    [Fact]
    public void A_nonce_or_key_of_another_length_is_the_callers_fault()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => HandshakeKey.Create(new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HandshakeKey.Accept("short"));
    }
}
