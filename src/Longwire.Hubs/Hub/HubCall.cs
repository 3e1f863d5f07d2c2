using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>
/// One call of the application in a session's turn. Its services come into being when they are asked for, and end with it.
/// </summary>
internal sealed class HubCall(Hub hub, IServiceProvider? services, HubSession session) : IAsyncDisposable
{
    private AsyncServiceScope? _scope;
    private int _answered;

    public Hub Hub => hub;

    public HubSession Session => session;

    /// <summary>The session's identity at the time of the call; null only while it signs in.</summary>
    public HubIdentity Identity { get; } = session.Identity!;

    public ClaimsPrincipal User => Identity?.Principal ?? new ClaimsPrincipal(new ClaimsIdentity());

    public IServiceProvider Services =>
        (
            _scope ??= services?.CreateAsyncScope() ?? throw new InvalidOperationException("The hub was created without services.")
        ).ServiceProvider;

    /// <summary>The values of the room's name; none outside of rooms.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; init; }

    /// <summary>Cancelled when the hub stops.</summary>
    public CancellationToken Ended => hub.Context.Stopping;

    /// <summary>True for the first who answers the client.</summary>
    public bool TryAnswer() => Interlocked.Exchange(ref _answered, 1) == 0;

    public ValueTask DisposeAsync() => _scope is { } scope ? scope.DisposeAsync() : default;
}
