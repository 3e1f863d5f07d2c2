namespace Longwire.Client;

/// <summary>A client's new state. Immutable.</summary>
/// <param name="State">The state.</param>
/// <param name="Attempt">Which attempt in a row it is, or will be; 0 for the first, and while the client is open.</param>
/// <param name="Delay">While <see cref="ClientState.Reconnecting"/>: how long the client waits; else zero.</param>
/// <param name="Reason">
/// While <see cref="ClientState.Reconnecting"/> or <see cref="ClientState.Closed"/>: why; else null. It never holds a token, a secret, or
/// an address's query.
/// </param>
public sealed record ClientStateChange(ClientState State, int Attempt, TimeSpan Delay, ConnectionEnding? Reason);
