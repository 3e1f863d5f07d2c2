using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

/// <summary>A server with a hub and its administration, and an administrator.</summary>
internal sealed class AdminServer(WaysServer server) : IAsyncDisposable
{
    public const string Token = "an administrator's token, 32 long";
    public const string ReadToken = "a token of one who looks, 32 long";
    public const string ContentsToken = "a token of one who reads, 32 long";

    public WaysServer Server => server;

    public static async Task<AdminServer> StartAsync(Action<LongwireHubOptions>? configure = null) =>
        new(
            await WaysServer.StartAsync(
                options =>
                {
                    options.Admin = new()
                    {
                        Token = Token,
                        ReadToken = ReadToken,
                        ContentsToken = ContentsToken,
                    };
                    configure?.Invoke(options);
                },
                use: static application => application.MapLongwireHubAdmin("/ops/admin")
            )
        );

    /// <summary>Connects a user over a WebSocket, in a room.</summary>
    public async Task<HubWay> JoinAsync(string user, string room = "general")
    {
        HubWay client = await server.ConnectAsync(WayIn.WebSocket, user);
        await client.JoinAsync(room);
        return client;
    }

    /// <summary>Looks at something.</summary>
    public async Task<JsonElement> LookAsync(string path, string token = ReadToken)
    {
        using HttpResponseMessage response = await RequestAsync(HttpMethod.Get, path, token);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await ReadAsync(response);
    }

    /// <summary>Does something, and asserts what comes of it.</summary>
    public async Task<JsonElement> ActAsync(
        string path,
        string body,
        HttpStatusCode expected = HttpStatusCode.OK,
        string token = Token,
        string type = "application/json"
    )
    {
        using HttpResponseMessage response = await RequestAsync(
            HttpMethod.Post,
            path,
            token,
            request => request.Content = new StringContent(body, Encoding.UTF8, type)
        );
        Assert.Equal(expected, response.StatusCode);
        return await ReadAsync(response);
    }

    public async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method,
        string path,
        string? token,
        Action<HttpRequestMessage>? configure = null
    )
    {
        using var request = new HttpRequestMessage(method, "/ops/admin/" + path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        configure?.Invoke(request);
        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Begins a trace, and returns when it has begun.</summary>
    public async Task<AdminTrace> TraceAsync(string query, string token = ReadToken)
    {
        HttpResponseMessage response = await RequestAsync(HttpMethod.Get, "api/trace?" + query, token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var trace = new AdminTrace(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        await trace.BeganAsync();
        return trace;
    }

    /// <summary>The events of the audit log, the oldest first, and whom they were about.</summary>
    public async Task<(long Id, string Role, string Target)[]> AuditAsync() =>
        [
            .. (await LookAsync("api/audit"))
                .GetProperty("entries")
                .EnumerateArray()
                .Select(static entry => (entry.Number("eventId"), entry.Text("role"), entry.Text("target")))
                .Reverse(),
        ];

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;
}

/// <summary>A trace as its reader has it.</summary>
internal sealed class AdminTrace(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    public async Task BeganAsync() => Assert.Equal("", await reader.ReadLineAsync().WaitAsync(HubWay.Patience));

    public async Task<JsonElement> NextAsync()
    {
        string? line = "";
        while (line == "")
        {
            line = await reader.ReadLineAsync().WaitAsync(HubWay.Patience);
        }

        return JsonDocument.Parse(line!).RootElement;
    }

    /// <summary>Reads on until an entry of a type, and returns all.</summary>
    public async Task<List<JsonElement>> UntilAsync(string direction, string type)
    {
        List<JsonElement> entries = [];
        do
        {
            entries.Add(await NextAsync());
        } while (entries[^1].Text("type") != type || entries[^1].Text("direction") != direction);

        return entries;
    }

    /// <summary>Returns when the server has ended it.</summary>
    public async Task EndedAsync() => Assert.Equal("", (await reader.ReadToEndAsync().WaitAsync(HubWay.Patience)).Trim());

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
