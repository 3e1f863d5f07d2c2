using Longwire.Testing;

namespace Longwire.Soak.Tests;

public sealed class SoakRunTests
{
    [Theory]
    [ClassData(typeof(ServerTransports))]
    public async Task Under_everything_at_once_every_reply_is_right_and_nothing_is_left(ServerTransport transport)
    {
        using var output = new StringWriter();
        var time = TimeSpan.FromSeconds(transport == ServerTransport.Kestrel ? 5 : 10);
        var options = new SoakOptions(Enum.Parse<SoakTransport>(transport.ToString()), time, Environment.TickCount, Actors: 12);
        bool held = await new SoakRun(options, output).RunAsync().WaitAsync(TimeSpan.FromMinutes(10));
        Assert.True(held, output.ToString());
    }
}
