using System.Net;

namespace Longwire.Hubs;

/// <summary>Asks the application's validator, and turns whatever it does into an answer within a bounded time.</summary>
internal sealed class Authenticator(Hub hub, ITokenValidator? validator)
{
    public async ValueTask<Outcome> ValidateAsync(HubSession session, string token, string? username, IPAddress? remoteAddress)
    {
        if (validator is null || token.Length > hub.Settings.MaxTokenLength)
        {
            return default;
        }

        var request = new TokenRequest(token, username, session.ClientId, remoteAddress);
        try
        {
            ValueTask<HubIdentity?> answer = validator.ValidateAsync(request, hub.Stopping);
            HubIdentity? identity = answer.IsCompleted
                ? await answer.ConfigureAwait(false)
                : await answer.AsTask().WaitAsync(hub.Settings.AuthenticationTimeout, hub.TimeProvider, hub.Stopping).ConfigureAwait(false);
            return new Outcome(identity, IsUnavailable: false);
        }
        catch (Exception exception)
        {
            hub.Log.ValidatorFailed(exception, session.ClientId);
            return new Outcome(null, IsUnavailable: true);
        }
    }

    /// <summary>Who it is; or nobody, because the token is not valid or because nobody could tell.</summary>
    public readonly record struct Outcome(HubIdentity? Identity, bool IsUnavailable);
}
