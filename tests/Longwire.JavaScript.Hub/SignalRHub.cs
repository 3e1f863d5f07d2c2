using Microsoft.AspNetCore.SignalR;

namespace Longwire.JavaScript.Hub;

/// <summary>A hub of SignalR that sends as <c>/publish</c> does, to compare with: <c>clients/js/bench/hubs.mjs</c>.</summary>
internal sealed class SignalRHub : Microsoft.AspNetCore.SignalR.Hub
{
    public async Task Begin(int count)
    {
        for (int n = 1; n <= count; n++)
        {
            await Clients.Caller.SendAsync("said", new Said(n, Environment.TickCount64));
        }
    }
}
