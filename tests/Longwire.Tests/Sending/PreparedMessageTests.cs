namespace Longwire.Tests;

public sealed class PreparedMessageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void The_payload_is_copied_and_framed_as_a_server_sends_it(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        byte[] original = [.. payload];
        var message = new PreparedMessage(payload, MessageType.Binary);
        Array.Clear(payload);
        Assert.Equal(MessageType.Binary, message.Type);
        Assert.Equal(original, message.Payload.ToArray());
        Assert.Equal(Wire.Frame(2, original), message.Frame.ToArray());
    }
}
