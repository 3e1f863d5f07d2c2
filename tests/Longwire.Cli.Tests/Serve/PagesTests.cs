using System.Globalization;
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
    [InlineData("/common/style.css", "text/css")]
    [InlineData("/vendor/longwire.js", "text/javascript")]
    [InlineData("/source/chat", "text/plain")]
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
        foreach (
            string page in new[] { "/", "/chat", "/game", "/dashboard", "/notifications", "/editor", "/stream", "/compare", "/tester" }
        )
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

    [Theory]
    [InlineData("index")]
    [InlineData("chat")]
    [InlineData("game")]
    [InlineData("dashboard")]
    [InlineData("notifications")]
    [InlineData("editor")]
    [InlineData("stream")]
    [InlineData("compare")]
    [InlineData("tester")]
    public async Task The_source_of_a_page_is_one_click_away_and_as_long_as_the_page_says(string page)
    {
        string html = await _http.GetStringAsync(new Uri(_server.Http, page == "index" ? "/" : page));
        Match told = Lines().Match(html);
        Assert.Equal(page, told.Groups["page"].Value);
        string source = await _http.GetStringAsync(new Uri(_server.Http, "/source/" + page));
        Assert.Contains("<!-- bar -->", source, StringComparison.Ordinal);
        int lines = Part().Matches(source).Sum(static part => int.Parse(part.Groups["lines"].Value, CultureInfo.InvariantCulture));
        Assert.Equal(lines, int.Parse(told.Groups["lines"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
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

    [Fact]
    public async Task A_browser_that_has_the_newest_is_not_sent_it_again()
    {
        using HttpResponseMessage first = await _http.GetAsync(new Uri(_server.Http, "/chat"));
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Http, "/chat"));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/chat.html")]
    [InlineData("/vendor/source/package.json")]
    [InlineData("/Pages/chat.html")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    public async Task What_is_no_page_is_not_found(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(_server.Http, path));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [GeneratedRegex("href=\"source/(?<page>\\w+)\">.*?(?<lines>[\\d,]+) lines")]
    private static partial Regex Lines();

    [GeneratedRegex("^[\\w./-]+, (?<lines>\\d+) lines$", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex("(?:src|href)=\"([^\"#:]+)\"")]
    private static partial Regex Reference();
}
