using System.Net;

namespace Longwire.Hubs.Tests;

/// <summary>By server-sent events, read as the platform reads them.</summary>
internal sealed class EventsWay(WaysServer server, string username) : HttpWay(server, username)
{
    private HttpResponseMessage? _response;
    private Task _reading = Task.CompletedTask;
    private CancellationTokenSource _end = new();

    /// <summary>The id that an <c>EventSource</c> would give back.</summary>
    public string LastEventId { get; private set; } = "";

    public override async Task LoseAsync()
    {
        // A response that is disposed of beneath a read may fail in any way.
        await _end.CancelAsync();
        await _reading.WaitAsync(Patience);
        _response?.Dispose();
        Forget();
    }

    protected override async Task OpenAsync()
    {
        _end = new CancellationTokenSource();
        using HttpRequestMessage request = Request(HttpMethod.Get, $"hub/events?{Query}");
        _response = await Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, _response.StatusCode);
        Assert.Equal("text/event-stream", _response.Content.Headers.ContentType!.MediaType);
        _reading = ReadAsync(await _response.Content.ReadAsStreamAsync());
    }

    private async Task ReadAsync(Stream stream)
    {
        try
        {
            await foreach (
                System.Net.ServerSentEvents.SseItem<string> item in System
                    .Net.ServerSentEvents.SseParser.Create(stream)
                    .EnumerateAsync(_end.Token)
            )
            {
                LastEventId = item.EventId ?? LastEventId;
                if (item.EventType == "close")
                {
                    TakeClose(Parse(item.Data).Number("code"));
                }
                else
                {
                    Take(Parse(item.Data));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException)
        {
            // It was lost on purpose.
        }
    }
}
