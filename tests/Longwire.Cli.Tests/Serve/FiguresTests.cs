using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Cli.Tests;

/// <summary>The figures and the load button of a server that others reach: by an administrator's token, and by nothing else.</summary>
public sealed class FiguresTests : IAsyncLifetime
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private const string Token = "an administrator's token, 32 long";
    private const string ReadToken = "a token of one who reads, 32 long";
    private static readonly string[] _options = ["--host", "*", "--jwt-key", Key, "--admin-token", Token, "--admin-read-token", ReadToken];
    private readonly HttpClient _http = new();
    private ToolRun _server = null!;

    public async ValueTask InitializeAsync() => _server = await ToolRun.ServeAsync(_options);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_token_there_are_no_figures_and_no_load_for_one_who_has_signed_in()
    {
        (HttpStatusCode status, JsonElement ticket) = await AskAsync(static _ => { });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"value":null,"mayLoad":false,"isTokenWanted":true}""", ticket.GetRawText());
        await using Viewer viewer = await SignInAsync(Jwt());
        Assert.Equal("forbidden", (await viewer.JoinAsync("figures")).GetProperty("code").GetString());
        Assert.Equal("error", (await LoadAsync(viewer, on: true)).GetProperty("type").GetString());
        Assert.Equal("joined-room", (await viewer.JoinAsync("tea")).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_wrong_token_and_the_right_one_in_a_wrong_place_are_refused()
    {
        (HttpStatusCode, Action<HttpRequestMessage>)[] attempts =
        [
            (HttpStatusCode.Unauthorized, static request => Authorize(request, "Bearer " + Token + "x")),
            (HttpStatusCode.Unauthorized, static request => Authorize(request, "Bearer " + Token[1..])),
            (HttpStatusCode.Unauthorized, static request => Authorize(request, "Bearer " + Jwt())),
            (HttpStatusCode.OK, static request => Authorize(request, "Bearer ")),
            (HttpStatusCode.OK, static request => Authorize(request, "Basic " + Token)),
            (HttpStatusCode.OK, static request => request.Headers.Add("Cookie", "token=" + Uri.EscapeDataString(Token))),
            (
                HttpStatusCode.OK,
                static request => request.RequestUri = new Uri(request.RequestUri + "?token=" + Uri.EscapeDataString(Token))
            ),
        ];
        foreach ((HttpStatusCode expected, Action<HttpRequestMessage> attempt) in attempts)
        {
            (HttpStatusCode status, JsonElement ticket) = await AskAsync(attempt);
            Assert.Equal(expected, status);
            Assert.Equal(JsonValueKind.Null, ticket.GetProperty("value").ValueKind);
        }

        // The token is none of the hub, which reads those in addresses too.
        Assert.Null(await Viewer.SignInAsync(Hub, Token));
    }

    [Fact]
    public async Task Wrong_tokens_are_logged_without_what_they_are_and_held_back_together_with_those_of_the_administration()
    {
        const int Burst = 10;
        long began = Stopwatch.GetTimestamp();
        for (int wrong = 0; wrong < Burst; wrong++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(request => Authorize(request, "Bearer " + Token + wrong))).Status);
        }

        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(Web, "/admin/api/audit"));
        Authorize(asked, "Bearer " + ReadToken);
        using HttpResponseMessage answered = await _http.SendAsync(asked);
        string audit = await answered.Content.ReadAsStringAsync();
        Assert.Contains("\"event\":\"TokenRefused\"", audit, StringComparison.Ordinal);
        Assert.Contains(MachineAddress.Value.ToString(), audit, StringComparison.Ordinal);
        Assert.DoesNotContain("32 long", audit, StringComparison.Ordinal);
        // One more is let in each second, which may be over before a slow machine has asked again: it asks often, and at once.
        int letIn = Burst;
        foreach (string path in (string[])["/dashboard/ticket", "/admin/api/kick"])
        {
            using var patience = new CancellationTokenSource(Patience.Long);
            for (bool isHeldBack = false; !isHeldBack; )
            {
                HttpResponseMessage[] responses = await Task.WhenAll(
                    Enumerable.Range(0, 2 * Burst).Select(_ => AskWronglyAsync(path, patience.Token))
                );
                letIn += responses.Count(static response => response.StatusCode == HttpStatusCode.Unauthorized);
                isHeldBack = responses.Any(static response =>
                    response is { StatusCode: HttpStatusCode.TooManyRequests, Headers.RetryAfter.Delta: not null }
                );
            }
        }

        // Both together: each for itself would have let in its own burst.
        Assert.InRange(letIn, Burst, Burst + 1 + Stopwatch.GetElapsedTime(began).TotalSeconds);
        Assert.NotNull(await TicketAsync(Token, mayLoad: true));
    }

    [Fact]
    public async Task One_who_reads_sees_the_figures_and_puts_on_no_load()
    {
        await using Viewer viewer = await SignInAsync(await TicketAsync(ReadToken, mayLoad: false));
        Assert.Equal("joined-room", (await viewer.JoinAsync("figures")).GetProperty("type").GetString());
        Assert.False((await LoadAsync(viewer, on: true)).GetProperty("content").GetBoolean());
        Assert.False((await viewer.NextAsync("figures")).GetProperty("isUnderLoad").GetBoolean());
    }

    [Fact]
    public async Task An_administrator_sees_the_figures_and_the_load_that_was_asked_for()
    {
        string ticket = await TicketAsync(Token, mayLoad: true);
        await using Viewer viewer = await SignInAsync(ticket);
        await SeeLoadAsync(viewer);
        // A ticket that was used is worth nothing.
        Assert.Null(await Viewer.SignInAsync(Hub, ticket));
    }

    [Fact]
    public async Task The_page_of_the_administrator_takes_the_same_tokens()
    {
        foreach ((string token, bool mayAct) in new[] { (Token, true), (ReadToken, false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Web, "/admin/api/status"));
            Authorize(request, "Bearer " + token);
            using HttpResponseMessage response = await _http.SendAsync(request);
            using JsonDocument status = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(mayAct, status.RootElement.GetProperty("mayAct").GetBoolean());
        }
    }

    [Fact]
    public async Task Without_an_administrator_there_are_tickets_for_nobody()
    {
        await using ToolRun server = await ToolRun.ServeAsync("--host", "*", "--jwt-key", Key);
        (_, JsonElement ticket) = await AskAsync(static request => Authorize(request, "Bearer " + Token), server);
        Assert.Equal("""{"value":null,"mayLoad":false,"isTokenWanted":false}""", ticket.GetRawText());
        using HttpResponseMessage admin = await _http.GetAsync(new Uri(server.Http, "/admin"));
        Assert.Equal(HttpStatusCode.NotFound, admin.StatusCode);
    }

    [Fact]
    public async Task On_this_machine_alone_nobody_needs_a_token_with_TLS_neither()
    {
        using var certificate = new ServerCertificate();
        await using ToolRun server = await ToolRun.ServeAsync("--cert", certificate.File, "--key", certificate.KeyFile);
        using var handler = new SocketsHttpHandler { SslOptions = certificate.Trust };
        using var http = new HttpClient(handler);
        using HttpResponseMessage response = await http.PostAsync(new Uri(server.Http, "/dashboard/ticket"), content: null);
        using JsonDocument ticket = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        Assert.True(ticket.RootElement.GetProperty("mayLoad").GetBoolean());
        string value = ticket.RootElement.GetProperty("value").GetString()!;
        await using Viewer? viewer = await Viewer.SignInAsync(server.Socket("/ws"), value, new() { Tls = certificate.Trust });
        await SeeLoadAsync(viewer!);
    }

    [Theory]
    [InlineData("--admin-token", "31 characters are one too few ..")]
    [InlineData("--admin-read-token", "")]
    [InlineData("--admin-token", Token, "--admin-read-token", Token)]
    public async Task A_short_token_and_one_for_two_rights_are_refused_at_the_start(params string[] options)
    {
        await using ToolRun server = ToolRun.Start(["serve", "--port", "0", .. options.Select(static option => option.TrimEnd('.'))]);
        Assert.Equal(1, await server.EndAsync());
        Assert.Contains("token", server.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("32 long", server.Error.Text, StringComparison.Ordinal);
    }

    private Uri Web => new($"http://{MachineAddress.Value}:{_server.Http.Port}");

    private Uri Hub => new($"ws://{MachineAddress.Value}:{_server.Http.Port}/ws");

    private static void Authorize(HttpRequestMessage request, string header) =>
        request.Headers.TryAddWithoutValidation("Authorization", header);

    private async Task<Viewer> SignInAsync(string token) =>
        await Viewer.SignInAsync(Hub, token) ?? throw new InvalidOperationException("The token was refused.");

    private static Task<JsonElement> LoadAsync(Viewer viewer, bool on) =>
        viewer.AskAsync(
            new
            {
                type = "load",
                room = "figures",
                on,
                id = on ? "on" : "off",
            }
        );

    // The load is an echo's, and so is the latency: both of them by the server's own address.
    private static async Task SeeLoadAsync(Viewer viewer)
    {
        Assert.Equal("joined-room", (await viewer.JoinAsync("figures")).GetProperty("type").GetString());
        Assert.True((await LoadAsync(viewer, on: true)).GetProperty("content").GetBoolean());
        JsonElement figures;
        int echoes = 0;
        do
        {
            figures = await viewer.NextAsync("figures");
            echoes += figures.GetProperty("latency").EnumerateArray().Sum(static count => count.GetInt32());
        } while (!figures.GetProperty("isUnderLoad").GetBoolean() || echoes == 0);

        Assert.True((await LoadAsync(viewer, on: false)).GetProperty("content").GetBoolean());
    }

    private async Task<HttpResponseMessage> AskWronglyAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Web, path));
        Authorize(request, "Bearer " + Token[1..]);
        return await _http.SendAsync(request, cancellationToken);
    }

    private async Task<string> TicketAsync(string token, bool mayLoad)
    {
        (HttpStatusCode status, JsonElement ticket) = await AskAsync(request => Authorize(request, "Bearer " + token));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(mayLoad, ticket.GetProperty("mayLoad").GetBoolean());
        return ticket.GetProperty("value").GetString()!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Ticket)> AskAsync(Action<HttpRequestMessage> attempt, ToolRun? server = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server?.Http ?? Web, "/dashboard/ticket"));
        attempt(request);
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal(
            response.StatusCode == HttpStatusCode.Unauthorized,
            response.Headers.WwwAuthenticate.Any(static wanted => wanted.Scheme == "Bearer")
        );
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement.Clone());
    }

    private static string Jwt() =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Claims = new Dictionary<string, object> { ["sub"] = "ada", ["figures"] = "load" },
                Expires = DateTime.UtcNow.AddMinutes(5),
                SigningCredentials = new SigningCredentials(
                    new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(Key)),
                    SecurityAlgorithms.HmacSha256
                ),
            }
        );
}
