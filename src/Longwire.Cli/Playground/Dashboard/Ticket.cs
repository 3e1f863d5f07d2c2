namespace Longwire.Cli.Playground.Dashboard;

/// <summary>The answer to a page that asks for a ticket.</summary>
/// <param name="Value">The ticket, which signs one session in; null where there is none.</param>
/// <param name="MayLoad">Whether its holder may put the server under load.</param>
/// <param name="IsTokenWanted">Whether there would be one for an administrator's token.</param>
internal sealed record Ticket(string? Value, bool MayLoad, bool IsTokenWanted);
