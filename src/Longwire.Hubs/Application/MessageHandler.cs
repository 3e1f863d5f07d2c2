namespace Longwire.Hubs;

/// <summary>The handling of messages of one type.</summary>
/// <param name="Kind">Whether they are published, relayed or handled.</param>
/// <param name="Contract">The messages' class.</param>
/// <param name="CallAsync">
/// Calls the application. The result is the <see cref="HubDecision"/> about a publication, or the answer to a request in JSON; null for
/// none.
/// </param>
/// <param name="Reply">The answer's type; null without one.</param>
internal sealed record MessageHandler(
    MessageHandlerKind Kind,
    MessageContract Contract,
    Func<IncomingMessage, ValueTask<object?>> CallAsync,
    Type? Reply = null
);
