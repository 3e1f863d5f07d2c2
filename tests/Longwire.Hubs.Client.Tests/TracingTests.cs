using System.Diagnostics;
using System.Text.Json;

namespace Longwire.Hubs.Client.Tests;

/// <summary>The client names the span that its caller is in, so that the hub's are below it.</summary>
public sealed class TracingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_publication_names_the_span_that_it_is_made_in_if_that_is_kept(bool isKept)
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        using Activity span = new Activity("order") { ActivityTraceFlags = isKept ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None };
        span.SetIdFormat(ActivityIdFormat.W3C).Start();
        SendReceipt receipt = await room.PublishAsync(new Edit(1));
        span.Stop();
        await receipt.Acked.WaitAsync(Patience.Long);

        JsonElement said = world.Wire.FromClient.Single(static message => HubWorld.Is(message, "edit"));
        Assert.Equal(isKept, said.TryGetProperty("traceparent", out JsonElement traceParent));
        Assert.Equal(isKept ? span.Id : null, isKept ? traceParent.GetString() : null);
    }
}
