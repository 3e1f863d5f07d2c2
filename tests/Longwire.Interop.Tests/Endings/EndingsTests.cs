namespace Longwire.Interop.Tests.Endings;

/// <summary>docs/ENDINGS.md, row by row: on everything that carries a connection, and beside what others do.</summary>
public sealed class EndingsTests
{
    public static TheoryData<string, string> Servers =>
        [.. from transport in LongwireHost.Transports from form in LongwireServerSubject.Forms select (transport, form)];

    public static TheoryData<string, string> Clients =>
        [
            .. from transport in LongwireClientSubject.Transports
            where transport != "io_uring" || Environment.GetEnvironmentVariable("LONGWIRE_NO_IO_URING") != "1"
            from form in LongwireClientSubject.Forms
            select (transport, form),
        ];

    [Fact]
    public void Every_row_is_in_the_table_and_every_row_of_the_table_is_played() =>
        Assert.Equal(EndingRow.All.Keys.Order(), EndingsTable.Rows.Order());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_server_of_Longwire_ends_as_the_table_says(string transport, string form) =>
        await AssertSaysAsync("Longwire", await LongwireServerSubject.StartAsync(transport, form));

    [Theory]
    [MemberData(nameof(Clients))]
    public Task A_client_of_Longwire_ends_as_the_table_says(string transport, string form) =>
        AssertSaysAsync("Longwire", new LongwireClientSubject(transport, form));

    [Fact]
    public async Task Npm_ws_ends_as_the_table_says() => await AssertSaysAsync("npm `ws`", await WsSubject.StartAsync());

    [Fact]
    public async Task System_Net_WebSockets_ends_as_the_table_says() =>
        await AssertSaysAsync("System.Net.WebSockets", await SystemNetSubject.StartAsync());

    private static async Task AssertSaysAsync(string column, EndingSubject subject)
    {
        var wrong = new List<string>();
        await using (subject)
        {
            foreach (string name in EndingsTable.Rows)
            {
                Ending seen = await subject.PlayAsync(EndingRow.All[name]);
                if (!EndingsTable.Says(name, column, seen))
                {
                    wrong.Add($"{name}: {seen}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"The table says otherwise:\n{string.Join('\n', wrong)}");
    }
}
