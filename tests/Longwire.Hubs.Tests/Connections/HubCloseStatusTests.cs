namespace Longwire.Hubs.Tests;

public sealed class HubCloseStatusTests
{
    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, false)]
    [InlineData(1005, false)]
    [InlineData(1006, true)]
    [InlineData(1008, false)]
    [InlineData(1009, true)]
    [InlineData(1011, true)]
    [InlineData(1012, true)]
    [InlineData(4001, false)]
    [InlineData(4002, false)]
    [InlineData(4003, true)]
    [InlineData(4008, true)]
    public void A_session_can_be_resumed_unless_somebody_said_goodbye_or_was_thrown_out(int status, bool resumable) =>
        Assert.Equal(resumable, HubCloseStatus.IsResumable((CloseStatus)status));
}
