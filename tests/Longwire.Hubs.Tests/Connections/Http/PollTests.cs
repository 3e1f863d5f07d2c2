namespace Longwire.Hubs.Tests;

/// <summary>Requests of a client that polls.</summary>
public sealed class PollTests
{
    [Fact]
    public async Task A_poll_that_does_not_wait_is_answered_though_no_time_passes()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using var first = new HttpRequestMessage(HttpMethod.Get, "hub/poll?wait=0&username=ann");
        first.Headers.Authorization = new("Bearer", "valid-token");
        using HttpResponseMessage connected = await server.Http.SendAsync(first);
        string answer = await connected.Content.ReadAsStringAsync();
        using var body = System.Text.Json.JsonDocument.Parse(answer);
        using var second = new HttpRequestMessage(HttpMethod.Get, $"hub/poll?wait=0&after={body.RootElement.Number("n")}");
        second.Headers.Add("Longwire-Session", body.RootElement.GetProperty("messages")[0].Text("session"));

        using HttpResponseMessage nothing = await server.Http.SendAsync(second);

        using var empty = System.Text.Json.JsonDocument.Parse(await nothing.Content.ReadAsStringAsync());
        Assert.Equal(0, empty.RootElement.GetProperty("messages").GetArrayLength());
    }
}
