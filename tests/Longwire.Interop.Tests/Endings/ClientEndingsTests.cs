namespace Longwire.Interop.Tests.Endings;

/// <summary>docs/ENDINGS.md, row by row: what is promised of Longwire's clients, on everything that carries a connection.</summary>
public sealed class ClientEndingsTests
{
    public static TheoryData<string> Transports => [.. LongwireClientSubject.Transports.Intersect([.. LongwireHost.Transports])];

    [Theory]
    [MemberData(nameof(Transports))]
    public Task A_client_ends_as_the_table_says(string transport) =>
        Task.WhenAll(
            LongwireClientSubject.Forms.Select(form => EndingsTable.AssertSaysAsync("Longwire", new LongwireClientSubject(transport, form)))
        );
}
