namespace Longwire.Soak.Tests;

/// <summary>Clients behind a network that fails, whose processes are killed; and their judge.</summary>
public sealed class ClientSoakTests
{
    [Fact]
    public async Task What_processes_that_are_killed_have_put_into_their_outbox_is_published_and_received_once_and_in_order()
    {
        using var output = new StringWriter();
        Assert.True(await RunAsync(ClientSoakFault.None, rooms: 2, output), output.ToString());
    }

    [Theory]
    [InlineData(nameof(ClientSoakFault.OutboxForgotten), "were in the outbox, and never published")]
    [InlineData(nameof(ClientSoakFault.PublishedTwice), "was published twice, or late")]
    [InlineData(nameof(ClientSoakFault.NotHanded), "the reader was handed")]
    public async Task A_planted_fault_is_found(string fault, string found)
    {
        using var output = new StringWriter();
        Assert.False(await RunAsync(Enum.Parse<ClientSoakFault>(fault), rooms: 1, output), output.ToString());
        Assert.Contains(found, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0/0 0/1 1/0", "0/0 0/1 1/0", "")]
    [InlineData("0/0 0/1 0/2 1/0", "0/0 0/1 0/2 1/0", "")]
    [InlineData("0/0 1/0", "0/0 1/0", "0/1 to 1 were in the outbox, and never published")]
    [InlineData("0/0 0/1", "0/0 0/1", "1/0 to 0 were in the outbox, and never published")]
    [InlineData("0/0 0/2 1/0", "0/0 0/2 1/0", "0/1 to 1 were not published before 0/2")]
    [InlineData("0/0 0/1 0/1 1/0", "0/0 0/1 0/1 1/0", "0/1 was published twice, or late")]
    [InlineData("0/0 0/1 1/0 0/2", "0/0 0/1 1/0 0/2", "0/2 was published twice, or late")]
    [InlineData("0/0 0/1 1/0", "0/0 1/0", "the reader was handed 1/0 where 0/1 was published")]
    [InlineData("0/0 0/1 1/0", "0/1 0/0 1/0", "the reader was handed 0/1 where 0/0 was published")]
    [InlineData("0/0 0/1 1/0", "0/0 0/1", "the reader was handed nothing where 1/0 was published")]
    [InlineData("0/0 0/1 1/0", "0/0 0/1 1/0 1/0", "the reader was handed 1/0 where nothing was published")]
    public void The_judge_tells_faults_apart(string published, string received, string found) =>
        Assert.Equal(found, string.Join("; ", ClientSoakJudge.Find(Numbers(published), Numbers(received), queued: [1, 0])));

    private static SoakNumber[] Numbers(string text) =>
        [
            .. text.Split(' ')
                .Select(static number => number.Split('/'))
                .Select(static pair => new SoakNumber(int.Parse(pair[0]), int.Parse(pair[1]))),
        ];

    private static Task<bool> RunAsync(ClientSoakFault fault, int rooms, StringWriter output)
    {
        var time = TimeSpan.FromSeconds(fault == ClientSoakFault.None ? 6 : 0.1);
        return new ClientSoak(new ClientSoakOptions(SoakTransport.Epoll, time, Environment.TickCount, rooms, fault), output).RunAsync();
    }
}
