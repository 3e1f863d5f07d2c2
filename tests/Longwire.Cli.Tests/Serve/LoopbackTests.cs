using System.Net;

namespace Longwire.Cli.Tests;

/// <summary>A server for this machine alone, reached by a page whose owner made a name of his lead here (DNS rebinding).</summary>
public sealed class LoopbackTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("/")]
    [InlineData("/chat")]
    [InlineData("/ws")]
    [InlineData("/echo")]
    [InlineData("/broadcast")]
    [InlineData("/nothing-here")]
    public async Task Another_name_than_localhost_is_refused_everywhere(string path)
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(server, path, $"evil.example:{server.Http.Port}"));
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("tea.localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("127.8.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("192.0.2.1", HttpStatusCode.Forbidden)]
    public async Task Loopback_names_and_addresses_are_taken_and_no_others(string host, HttpStatusCode expected)
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        Assert.Equal(expected, await AskAsync(server, "/", host));
    }

    [Fact]
    public async Task A_server_for_others_goes_by_whatever_name_they_know_it_by()
    {
        await using ToolRun server = await ToolRun.ServeAsync("--host", "*", "--jwt-key", Key);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "/", "chat.example"));
    }

    private static async Task<HttpStatusCode> AskAsync(ToolRun server, string path, string host)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{server.Http.Port}{path}"));
        request.Headers.Host = host;
        using HttpResponseMessage response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
