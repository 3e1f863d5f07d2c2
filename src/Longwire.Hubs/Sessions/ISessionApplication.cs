namespace Longwire.Hubs;

/// <summary>The application, as far as sessions concern it. It is called in their turns.</summary>
internal interface ISessionApplication
{
    /// <summary>How its messages lie on the wire.</summary>
    MessageContracts Contracts { get; }

    /// <summary>A message of the application's, as it is sent.</summary>
    PublicationDraft Draft(object message);

    /// <summary>Asks whose a token is that nothing before took.</summary>
    ValueTask<Authenticator.Outcome> AuthenticateAsync(HubSession session, TokenRequest request);

    /// <summary>A session has a connection and may act. Never fails.</summary>
    ValueTask OnConnectedAsync(HubSession session);

    /// <summary>A session that could act has lost its connection. Never fails.</summary>
    ValueTask OnDisconnectedAsync(HubSession session);
}
