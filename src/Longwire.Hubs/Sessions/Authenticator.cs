using System.Net;

namespace Longwire.Hubs;

/// <summary>Asks the application's validator, and turns whatever it does into an answer within a bounded time.</summary>
internal sealed class Authenticator(NodeContext node, AccessList access, IReadOnlyList<ITokenValidator> validators)
{
    public async ValueTask<Outcome> ValidateAsync(HubSession session, string token, string? username, IPAddress? remoteAddress)
    {
        if (token.Length > node.Settings.MaxTokenLength)
        {
            return default;
        }

        var request = new TokenRequest(token, username, session.ClientId, remoteAddress);
        try
        {
            foreach (ITokenValidator validator in validators)
            {
                if (await InTime(validator.ValidateAsync(request, node.Stopping)).ConfigureAwait(false) is { } identity)
                {
                    return Unrevoked(new Outcome(identity));
                }
            }

            return session.Owner.Application is { } application
                ? Unrevoked(await InTime(application.AuthenticateAsync(session, request)).ConfigureAwait(false))
                : default;
        }
        catch (Exception exception)
        {
            node.Log.ValidatorFailed(exception, session.ClientId);
            return new Outcome(null, IsUnavailable: true);
        }
    }

    /// <summary>A token that was revoked is like one that never was good.</summary>
    private Outcome Unrevoked(Outcome outcome) => outcome.Identity is { } identity && access.IsRevoked(identity) ? default : outcome;

    private async ValueTask<T> InTime<T>(ValueTask<T> answer) =>
        answer.IsCompleted
            ? await answer.ConfigureAwait(false)
            : await answer.AsTask().WaitAsync(node.Settings.AuthenticationTimeout, node.TimeProvider, node.Stopping).ConfigureAwait(false);

    /// <summary>
    /// The identity; or none, because the token is not valid, perhaps for a reason to tell the client, or because nobody could tell.
    /// </summary>
    public readonly record struct Outcome(HubIdentity? Identity, bool IsUnavailable = false, string? Reason = null);
}
