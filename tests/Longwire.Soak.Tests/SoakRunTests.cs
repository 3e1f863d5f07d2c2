namespace Longwire.Soak.Tests;

public sealed class SoakRunTests
{
    [Theory]
    [InlineData(nameof(SoakTransport.IoUring), 10)]
    [InlineData(nameof(SoakTransport.Epoll), 5)]
    [InlineData(nameof(SoakTransport.Kestrel), 5)]
    public async Task Under_everything_at_once_every_reply_is_right_and_nothing_is_left(string transport, int seconds)
    {
        using var output = new StringWriter();
        var options = new SoakOptions(Enum.Parse<SoakTransport>(transport), TimeSpan.FromSeconds(seconds), Environment.TickCount, Actors: 12);
        bool held = await new SoakRun(options, output).RunAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(held, output.ToString());
    }
}
