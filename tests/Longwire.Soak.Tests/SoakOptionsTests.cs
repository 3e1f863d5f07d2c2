namespace Longwire.Soak.Tests;

public sealed class SoakOptionsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("--minutes 0.2 --transport epoll --seed -5 --actors 3", true)]
    [InlineData("--minutes 0", false)]
    [InlineData("--minutes", false)]
    [InlineData("--transport 1", true)]
    [InlineData("--transport 7", false)]
    [InlineData("--transport carrier-pigeon", false)]
    [InlineData("--seed x", false)]
    [InlineData("--actors 0", false)]
    [InlineData("--actors 1001", false)]
    [InlineData("--rate 100", false)]
    [InlineData("--help", false)]
    public void A_command_line_is_understood_or_what_is_wrong_is_said(string line, bool right)
    {
        SoakArguments arguments = Read(line);
        _ = new SoakOptions(arguments);
        Assert.Equal(right ? null : $"{line} is no option.", arguments.Error?.Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_run_takes_its_own_options()
    {
        var minutes = TimeSpan.FromMinutes(0.5);
        Assert.Equal(
            new SoakOptions(SoakTransport.Epoll, minutes, 7, Actors: 3),
            new SoakOptions(Read("--transport epoll --minutes 0.5 --seed 7 --actors 3"))
        );
        Assert.Equal(
            new HubSoakOptions(SoakTransport.IoUring, TimeSpan.FromMinutes(5), 7, Clients: 20),
            new HubSoakOptions(Read("--clients 20 --seed 7"))
        );
        Assert.Equal(
            new ClientSoakOptions(SoakTransport.Kestrel, minutes, 7, Rooms: 2),
            new ClientSoakOptions(Read("--rooms 2 --seed 7 --minutes 0.5 --transport Kestrel"))
        );
        Assert.Equal(
            new StormOptions(Clients: 2_000, Rate: 200, SoakTransport.IoUring, 7),
            new StormOptions(Read("--clients 2000 --rate 200 --seed 7"))
        );
    }

    private static SoakArguments Read(string line) => new(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
