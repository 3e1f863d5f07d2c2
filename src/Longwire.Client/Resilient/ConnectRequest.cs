namespace Longwire.Client;

/// <summary>The request of an attempt.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Options">How.</param>
/// <param name="Credential">
/// By what a server may refuse it, to be recognised when it is given again; null where nothing that is asked at each attempt is in it.
/// </param>
internal sealed record ConnectRequest(Uri Address, WebSocketClientOptions Options, string? Credential);
