using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Sending, which the ways over HTTP have in common.</summary>
internal abstract class HttpWay(WaysServer server, string username) : HubWay(server, username)
{
    protected string Query => Secret is null ? $"username={Username}" : "";

    public override async Task SendAsync(string json)
    {
        using HttpRequestMessage request = Request(HttpMethod.Post, "hub/send");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Server.Http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{response.StatusCode}: {body}");
        foreach (JsonElement answer in Parse(body).EnumerateArray().Where(static answer => answer.ValueKind != JsonValueKind.Null))
        {
            Take(answer);
        }
    }

    public override async Task CloseAsync()
    {
        using HttpRequestMessage request = Request(HttpMethod.Delete, "hub/session");
        using HttpResponseMessage response = await Server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>A request of the session's, or before there is one with the token.</summary>
    protected HttpRequestMessage Request(HttpMethod method, string target)
    {
        var request = new HttpRequestMessage(method, target);
        if (Secret is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "valid-token");
        }
        else
        {
            request.Headers.Add("Longwire-Session", Secret);
        }

        return request;
    }
}
