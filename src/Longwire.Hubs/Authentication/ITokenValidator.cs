namespace Longwire.Hubs;

/// <summary>
/// Decides whose token it is. Called for the handshake's token and for every <c>auth</c> message, from many threads at once.
/// The session's other messages wait until it answers, so a slow validator delays only its own session.
/// </summary>
public interface ITokenValidator
{
    /// <summary>Validates one token.</summary>
    /// <param name="request">The token and who presents it.</param>
    /// <param name="cancellationToken">Cancelled when the hub stops.</param>
    /// <returns>The identity, or null when the token is not valid. An exception means "can't tell now": the client is asked to
    /// try again later, and nothing of the exception reaches it.</returns>
    ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken);
}
