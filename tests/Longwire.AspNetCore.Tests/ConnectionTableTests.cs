using System.IO.Pipelines;

namespace Longwire.AspNetCore.Tests;

public sealed class ConnectionTableTests
{
    private static WebSocketConnection NewConnection() =>
        new(new PipeTransport(new Duplex(new Pipe().Reader, new Pipe().Writer)), WebSocketRole.Server);

    [Fact]
    public void Holds_what_was_added_and_not_removed_in_whatever_order()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var table = new ConnectionTable();
        var expected = new List<WebSocketConnection>();
        for (int step = 0; step < 20_000; step++)
        {
            // More come than go, then more go than come.
            if (expected.Count == 0 || random.Next(100) < (step < 10_000 ? 70 : 30))
            {
                WebSocketConnection connection = NewConnection();
                table.Add(connection);
                expected.Add(connection);
            }
            else
            {
                int which = random.Next(expected.Count);
                table.Remove(expected[which]);
                expected.RemoveAt(which);
            }

            Assert.Equal(expected.Count, table.Count);
        }

        Assert.Equal(expected.ToHashSet(), table.ToArray().ToHashSet());
    }

    [Fact]
    public void Removing_twice_removes_nobody_else()
    {
        var table = new ConnectionTable();
        WebSocketConnection first = NewConnection();
        WebSocketConnection second = NewConnection();
        table.Add(first);
        table.Add(second);

        table.Remove(first);
        table.Remove(first);

        Assert.Equal([second], table.ToArray());
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
