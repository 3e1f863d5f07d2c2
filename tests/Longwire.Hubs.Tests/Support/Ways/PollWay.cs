using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>By polling. Every third answer is lost on its way, and asked for again.</summary>
internal sealed class PollWay(WaysServer server, string username, int waitSeconds) : HttpWay(server, username)
{
    private readonly List<Task> _polling = [];
    private CancellationTokenSource _stop = new();
    private int _answers;
    private long _after;

    public override async Task LoseAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_polling).WaitAsync(Patience);
        _polling.Clear();
        // The server sees no connection end: only the time passes in which nobody asks. A request of before must have come to its end.
        await Eventually.TrueAsync(() =>
        {
            Server.Time.Advance(TimeSpan.FromSeconds(61));
            return Server.Hub.FindSession(ClientId) is not { IsConnected: true };
        });
        Forget();
    }

    protected override Task OpenAsync()
    {
        _stop = new CancellationTokenSource();
        _polling.Add(PollAsync(_stop.Token));
        return Task.CompletedTask;
    }

    private async Task PollAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                string target = string.Create(CultureInfo.InvariantCulture, $"hub/poll?wait={waitSeconds}&after={_after}&{Query}");
                using HttpRequestMessage request = Request(HttpMethod.Get, target);
                using HttpResponseMessage response = await Server.Http.SendAsync(request, stop);
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    TakeClose((long)response.StatusCode);
                    return;
                }

                JsonElement answer = Parse(await response.Content.ReadAsStringAsync(stop));
                if (++_answers % 3 == 0 && Secret is not null)
                {
                    continue;
                }

                _after = answer.Number("n");
                foreach (JsonElement message in answer.GetProperty("messages").EnumerateArray())
                {
                    Take(message);
                }

                if (waitSeconds == 0 && answer.GetProperty("messages").GetArrayLength() == 0)
                {
                    // The time between two polls, which keeps them from taking the machine.
                    await Task.Delay(10, stop);
                }

                if (answer.TryGetProperty("close", out JsonElement close))
                {
                    TakeClose(close.Number("code"));
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was lost on purpose.
        }
        catch (Exception fault) when (fault is OperationCanceledException or HttpRequestException or IOException)
        {
            Take(Parse(JsonSerializer.Serialize(new { type = "closed", fault = fault.ToString() })));
        }
    }
}
