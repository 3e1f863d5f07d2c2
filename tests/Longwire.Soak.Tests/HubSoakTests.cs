namespace Longwire.Soak.Tests;

/// <summary>The judge finds what is wrong, and finds nothing where nothing is.</summary>
public sealed class HubSoakTests
{
    [Theory]
    [InlineData(nameof(SoakTransport.IoUring))]
    [InlineData(nameof(SoakTransport.Kestrel))]
    public async Task Clients_that_are_cut_off_and_freeze_miss_nothing_without_being_told(string transport)
    {
        using var output = new StringWriter();
        Assert.True(await RunAsync(Enum.Parse<SoakTransport>(transport), HubSoakFault.None, output), output.ToString());
    }

    [Theory]
    [InlineData(nameof(HubSoakFault.Lost))]
    [InlineData(nameof(HubSoakFault.Doubled))]
    [InlineData(nameof(HubSoakFault.Reordered))]
    [InlineData(nameof(HubSoakFault.Changed))]
    [InlineData(nameof(HubSoakFault.FalseAck))]
    [InlineData(nameof(HubSoakFault.ShortRecovery))]
    [InlineData(nameof(HubSoakFault.PublishedTwice))]
    public async Task A_planted_fault_is_found(string fault)
    {
        using var output = new StringWriter();
        Assert.False(await RunAsync(SoakTransport.Epoll, Enum.Parse<HubSoakFault>(fault), output), output.ToString());
    }

    private static Task<bool> RunAsync(SoakTransport transport, HubSoakFault fault, StringWriter output)
    {
        var options = new HubSoakOptions(transport, TimeSpan.FromSeconds(5), Environment.TickCount, Clients: 24, fault);
        return new HubSoak(options, output).RunAsync().WaitAsync(TimeSpan.FromMinutes(5));
    }
}
