namespace Longwire.Hubs.Tests;

/// <summary>The messages that wait for a client that takes them by HTTP.</summary>
public sealed class OutboxTests
{
    [Fact]
    public void A_wake_between_a_look_and_a_wait_reaches_both_of_two_requests_that_looked()
    {
        var outbox = new Outbox(1_000);
        Task first = outbox.Woken;
        Task second = outbox.Woken;
        outbox.Wake();

        Assert.True(first.IsCompleted);
        Assert.True(second.IsCompleted, "The second request waits for what was there when it had looked.");
        Assert.False(outbox.Woken.IsCompleted);
    }
}
