using Longwire.Hubs;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>Takes tickets, and leaves all other tokens to another validator.</summary>
internal sealed class TicketValidator(Tickets tickets, ITokenValidator others) : ITokenValidator
{
    /// <inheritdoc/>
    public ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken) =>
        tickets.Take(request) is { } viewer ? new(viewer) : others.ValidateAsync(request, cancellationToken);
}
