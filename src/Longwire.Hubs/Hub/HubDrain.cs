namespace Longwire.Hubs;

/// <summary>Sends the connections of a hub away, at a steady rate.</summary>
internal sealed class HubDrain(Hub hub, HubDrainOptions options)
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when all have been told, and not before they have had their time to close.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HubSession[] sessions = [.. hub.Sessions.Where(static session => session.IsConnected)];
        hub.Context.Log.Draining(hub.Node, sessions.Length, options.Rate);
        if (sessions.Length / options.Rate > options.Timeout.TotalSeconds)
        {
            hub.Context.Log.DrainTooSlow(sessions.Length, options.Rate, options.Timeout);
        }

        TimeSpan began = hub.Context.Clock.Now;
        using var timer = new PeriodicTimer(_interval, hub.Context.TimeProvider);
        int told = 0;
        while (told < sessions.Length)
        {
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan elapsed = hub.Context.Clock.Now - began;
            double due = elapsed >= options.Timeout ? sessions.Length : elapsed.TotalSeconds * options.Rate;
            while (told < sessions.Length && told < due)
            {
                Send(sessions[told++]);
            }
        }
    }

    private void Send(HubSession session)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        hub.Context.Settings.FillRandom(random);
        TimeSpan delay = options.ReconnectOver * (BitConverter.ToUInt32(random) / (double)uint.MaxValue);
        using JsonBuffer drain = ServerMessages.Drain(delay);
        session.Send(drain.End());
        session.CloseConnection(CloseStatus.ServiceRestart, "Service restart");
    }
}
