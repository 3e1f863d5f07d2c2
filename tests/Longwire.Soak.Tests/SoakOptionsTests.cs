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
    [InlineData("--actors 0", false)]
    [InlineData("--help", false)]
    public void The_command_line_is_understood(string line, bool right)
    {
        SoakOptions? options = SoakOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out string error);
        Assert.Equal(right, options is not null);
        Assert.Equal(right, error.Length == 0);
    }
}
