using System.Net;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Tests;

public sealed partial class PagesTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private ToolRun _server = null!;

    public async ValueTask InitializeAsync() => _server = await ToolRun.ServeAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/chat", "text/html")]
    [InlineData("/style.css", "text/css")]
    [InlineData("/chat.js", "text/javascript")]
    [InlineData("/mark.svg", "image/svg+xml")]
    public async Task A_page_has_its_type_and_may_run_nothing_but_its_own(string path, string type)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(_server.Http, path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(response.Headers.Contains("Server"));
        Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Whatever_a_page_refers_to_is_there_and_nothing_is_written_into_it_that_the_policy_forbids()
    {
        foreach (string page in new[] { "/", "/chat" })
        {
            string html = await _http.GetStringAsync(new Uri(_server.Http, page));
            Assert.DoesNotContain("style=\"", html, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?![^>]*src)|\\son\\w+=\"", html);
            string[] files = [.. Reference().Matches(html).Select(static match => match.Groups[1].Value)];
            Assert.NotEmpty(files);
            foreach (string file in files)
            {
                using HttpResponseMessage response = await _http.GetAsync(new Uri(new Uri(_server.Http, page), file));
                Assert.True(response.IsSuccessStatusCode, $"{page} refers to {file}: {response.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task A_HEAD_has_the_page_s_headers_only()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(_server.Http, "/chat"));
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/Pages/chat.html")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    public async Task What_is_no_page_is_not_found(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(_server.Http, path));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"#:]+)\"")]
    private static partial Regex Reference();
}
