namespace Longwire.Cli.Doctor;

/// <summary>One step of an examination.</summary>
/// <param name="Name">
/// The part that was examined: name, tcp, tls, proxy, upgrade, origin, subprotocol, extensions, ping, size, idle, close.
/// </param>
/// <param name="Result">How it went.</param>
/// <param name="Cause">A word for machines that tells faults of one step apart; empty when there is none.</param>
/// <param name="Detail">The finding.</param>
/// <param name="Advice">The remedy; empty for none.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record Check(string Name, CheckResult Result, string Cause, string Detail, string Advice, double Milliseconds);
