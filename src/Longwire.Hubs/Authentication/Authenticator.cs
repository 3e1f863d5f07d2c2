using System.Net;

namespace Longwire.Hubs;

/// <summary>Asks the application's validator, and turns whatever it does into an answer within a bounded time.</summary>
internal sealed class Authenticator(Hub hub, IReadOnlyList<ITokenValidator> validators)
{
    public async ValueTask<Outcome> ValidateAsync(HubSession session, string token, string? username, IPAddress? remoteAddress)
    {
        if (token.Length > hub.Settings.MaxTokenLength)
        {
            return default;
        }

        var request = new TokenRequest(token, username, session.ClientId, remoteAddress);
        try
        {
            foreach (ITokenValidator validator in validators)
            {
                if (await InTime(validator.ValidateAsync(request, hub.Stopping)).ConfigureAwait(false) is { } identity)
                {
                    return Unrevoked(new Outcome(identity));
                }
            }

            return Unrevoked(await InTime(AskApplicationAsync(session, request)).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            hub.Log.ValidatorFailed(exception, session.ClientId);
            return new Outcome(null, IsUnavailable: true);
        }
    }

    private async ValueTask<Outcome> AskApplicationAsync(HubSession session, TokenRequest request)
    {
        if (hub.Application is not { Authenticate: { } authenticate } application)
        {
            return default;
        }

        await using HubCall call = application.Call(session);
        HubDecision decision = await authenticate(call, new AuthenticateRequest(call, request)).ConfigureAwait(false);
        return new Outcome(decision.Value as HubIdentity, Reason: decision.Reason);
    }

    /// <summary>A token that was revoked is like one that never was good.</summary>
    private Outcome Unrevoked(Outcome outcome) => outcome.Identity is { } identity && hub.Access.IsRevoked(identity) ? default : outcome;

    private async ValueTask<T> InTime<T>(ValueTask<T> answer) =>
        answer.IsCompleted
            ? await answer.ConfigureAwait(false)
            : await answer.AsTask().WaitAsync(hub.Settings.AuthenticationTimeout, hub.TimeProvider, hub.Stopping).ConfigureAwait(false);

    /// <summary>
    /// The identity; or none, because the token is not valid, perhaps for a reason to tell the client, or because nobody could tell.
    /// </summary>
    public readonly record struct Outcome(HubIdentity? Identity, bool IsUnavailable = false, string? Reason = null);
}
