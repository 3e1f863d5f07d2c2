namespace Longwire.Interop.Tests.Endings;

/// <summary>docs/ENDINGS.md, row by row: what is promised of Longwire's servers, on everything that carries a connection.</summary>
public sealed class ServerEndingsTests
{
    public static TheoryData<string> Transports => [.. LongwireHost.Transports];

    [Theory]
    [MemberData(nameof(Transports))]
    public Task A_server_ends_as_the_table_says(string transport) =>
        Task.WhenAll(
            LongwireServerSubject.Forms.Select(async form =>
                await EndingsTable.AssertSaysAsync("Longwire", await LongwireServerSubject.StartAsync(transport, form))
            )
        );
}
