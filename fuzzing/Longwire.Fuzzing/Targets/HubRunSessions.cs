namespace Longwire.Fuzzing;

/// <summary>The sessions of the run's nodes: calls are kept and let go on as all others are.</summary>
internal sealed class HubRunSessions(HubRunEngine engine, MemoryHubEngine inner) : ISessionStore
{
    public ValueTask<long> SaveAsync(SessionRecord session, long generation, TimeSpan age, CancellationToken cancellationToken) =>
        engine.CallAsync(() => inner.Sessions.SaveAsync(session, generation, age, cancellationToken));

    public ValueTask<TakenSession?> TakeAsync(string clientId, SecretHash secret, CancellationToken cancellationToken) =>
        engine.CallAsync(() => inner.Sessions.TakeAsync(clientId, secret, cancellationToken));

    public ValueTask<string?> FindNodeAsync(string clientId, CancellationToken cancellationToken) =>
        engine.CallAsync(() => inner.Sessions.FindNodeAsync(clientId, cancellationToken));

    public async ValueTask RemoveAsync(string clientId, long generation, CancellationToken cancellationToken) =>
        await engine.CallAsync(async () =>
        {
            await inner.Sessions.RemoveAsync(clientId, generation, cancellationToken);
            return true;
        });
}
