using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>By polling. Every third answer is lost on its way, and asked for again.</summary>
internal sealed class PollWay(WaysServer server, string username, int waitSeconds) : HttpWay(server, username)
{
    private readonly List<Task> _polling = [];
    private volatile bool _isLosing;
    private int _answers;
    private long _after;

    public override async Task LoseAsync()
    {
        // The answer is lost, and not the request, which could come late and take the place of the client's next one.
        _isLosing = true;
        await Eventually.TrueAsync(() =>
        {
            if (Server.Hub.FindSession(ClientId)?.Link is PollLink { IsAsked: true })
            {
                Server.Time.Advance(TimeSpan.FromSeconds(1));
            }

            return _polling.TrueForAll(static polling => polling.IsCompleted);
        });
        await Task.WhenAll(_polling);
        _polling.Clear();
        // The server sees no connection end: only the time passes in which nobody asks.
        await Eventually.TrueAsync(() =>
        {
            Server.Time.Advance(TimeSpan.FromSeconds(61));
            return Server.Hub.FindSession(ClientId) is not { IsConnected: true };
        });
        Forget();
    }

    protected override Task OpenAsync()
    {
        _isLosing = false;
        _polling.Add(PollAsync());
        return Task.CompletedTask;
    }

    private async Task PollAsync()
    {
        try
        {
            while (!_isLosing)
            {
                string target = string.Create(CultureInfo.InvariantCulture, $"hub/poll?wait={waitSeconds}&after={_after}&{Query}");
                using HttpRequestMessage request = Request(HttpMethod.Get, target);
                using HttpResponseMessage response = await Server.Http.SendAsync(request);
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    TakeClose((long)response.StatusCode);
                    return;
                }

                JsonElement answer = Parse(await response.Content.ReadAsStringAsync());
                if (_isLosing || (++_answers % 3 == 0 && Secret is not null))
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
                    await Task.Delay(10);
                }

                if (answer.TryGetProperty("close", out JsonElement close))
                {
                    TakeClose(close.Number("code"));
                    return;
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or HttpRequestException or IOException)
        {
            Take(Parse(JsonSerializer.Serialize(new { type = "closed", fault = fault.ToString() })));
        }
    }
}
