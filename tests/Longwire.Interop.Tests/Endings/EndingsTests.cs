namespace Longwire.Interop.Tests.Endings;

/// <summary>docs/ENDINGS.md, row by row: what others do.</summary>
public sealed class EndingsTests
{
    [Fact]
    public void Every_row_is_in_the_table_and_every_row_of_the_table_is_played() =>
        Assert.Equal(EndingRow.All.Keys.Order(), EndingsTable.Rows.Order());

    [Fact]
    public async Task Npm_ws_ends_as_the_table_says() => await EndingsTable.AssertSaysAsync("npm `ws`", await WsSubject.StartAsync());

    [Fact]
    public async Task System_Net_WebSockets_ends_as_the_table_says() =>
        await EndingsTable.AssertSaysAsync("System.Net.WebSockets", await SystemNetSubject.StartAsync());
}
