using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs.Tests;

/// <summary>The ways into the administration that are open and those that are not, and the rights of its page.</summary>
public sealed partial class AdminAccessTests
{
    private static readonly string[] _looks = ["api/status", "api/connections", "api/rooms", "api/audit", "api/trace?user=ann"];
    private static readonly string[] _acts = ["api/kick", "api/revoke", "api/ban", "api/drain"];

    [Theory]
    [InlineData("Token")]
    [InlineData("ReadToken")]
    [InlineData("ContentsToken")]
    public void A_short_token_is_refused_at_the_start_with_what_to_write(string name)
    {
        var admin = new HubAdminOptions();
        typeof(HubAdminOptions).GetProperty(name)!.SetValue(admin, new string('x', 31));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new Hub(new LongwireHubOptions { Admin = admin }));
        Assert.Equal($"Admin:{name} has 31 characters; write 32 or more, as openssl rand -hex 32 makes them.", refused.Message);
    }

    [Fact]
    public void One_token_has_not_two_rights_and_none_is_printed()
    {
        var admin = new HubAdminOptions { Token = AdminServer.Token, ReadToken = AdminServer.Token };
        Assert.Throws<ArgumentException>(() => new Hub(new LongwireHubOptions { Admin = admin }));
        var options = new LongwireHubOptions { Admin = new() { Token = AdminServer.Token } };
        Assert.DoesNotContain(AdminServer.Token, options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_there_is_nothing()
    {
        await using WaysServer server = await WaysServer.StartAsync(use: static application =>
            application.MapLongwireHubAdmin("/ops/admin")
        );
        await using var admin = new AdminServer(server);
        foreach (string path in (string[])["", "admin.js", .. _looks])
        {
            using HttpResponseMessage response = await admin.RequestAsync(HttpMethod.Get, path, AdminServer.Token);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public void Without_the_hubs_services_it_says_what_to_write()
    {
        WebApplication application = WebApplication.CreateSlimBuilder().Build();
        LongwireConfigurationException refused = Assert.Throws<LongwireConfigurationException>(() => application.MapLongwireHubAdmin());
        Assert.Contains("MapLongwireHubAdmin(\"/admin\")", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_read_in_its_header_and_nowhere_else()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        Action<HttpRequestMessage>[] attempts =
        [
            static _ => { },
            static request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminServer.Token[1..]),
            static request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminServer.Token + "x"),
            static request => request.Headers.Authorization = new AuthenticationHeaderValue("Basic", AdminServer.Token),
            static request => request.Headers.Add("Cookie", $"token={AdminServer.Token}; Authorization=Bearer {AdminServer.Token}"),
            static request => request.Headers.Add("X-Api-Key", AdminServer.Token),
            static request =>
                request.RequestUri = new Uri(request.RequestUri + "?token=" + Uri.EscapeDataString(AdminServer.Token), UriKind.Relative),
        ];
        foreach (Action<HttpRequestMessage> attempt in attempts)
        {
            foreach (string path in (string[])[.. _looks, .. _acts])
            {
                // More than ten wrong tokens at once are too many.
                admin.Server.Time.Advance(TimeSpan.FromSeconds(1));
                HttpMethod method = _acts.Contains(path) ? HttpMethod.Post : HttpMethod.Get;
                using HttpResponseMessage response = await admin.RequestAsync(method, path, token: null, attempt);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
                Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
                Assert.False(response.Headers.Contains("Set-Cookie"));
            }
        }

        Assert.All(await admin.AuditAsync(), static entry => Assert.Equal((60L, "nobody", ""), entry));
    }

    [Fact]
    public async Task An_address_that_sends_wrong_tokens_is_held_back_and_the_right_token_is_not()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        for (int wrong = 0; wrong < 10; wrong++)
        {
            await AssertAsync(AdminServer.Token + wrong, HttpStatusCode.Unauthorized);
        }

        await AssertAsync(AdminServer.Token[1..], HttpStatusCode.TooManyRequests);
        await AssertAsync(AdminServer.Token, HttpStatusCode.OK);
        await AssertAsync(token: null, HttpStatusCode.Unauthorized);
        admin.Server.Time.Advance(TimeSpan.FromSeconds(1));
        await AssertAsync(AdminServer.Token[1..], HttpStatusCode.Unauthorized);
        await AssertAsync(AdminServer.Token[1..], HttpStatusCode.TooManyRequests);
        // A flood leaves one entry a second, so that it drives no other out.
        Assert.Equal([(60, "nobody", ""), (60, "nobody", "")], await admin.AuditAsync());

        async Task AssertAsync(string? token, HttpStatusCode expected)
        {
            using HttpResponseMessage response = await admin.RequestAsync(HttpMethod.Get, "api/status", token);
            Assert.Equal(expected, response.StatusCode);
            bool isHeldBack = expected == HttpStatusCode.TooManyRequests;
            Assert.Equal(isHeldBack ? TimeSpan.FromSeconds(1) : null, response.Headers.RetryAfter?.Delta);
            Assert.Equal(isHeldBack, (await response.Content.ReadAsStringAsync()).Contains("rate-limited", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Addresses_are_counted_apart_a_network_of_IPv6_as_one_and_no_more_of_them_are_kept_than_a_thousand()
    {
        var hub = new Hub(
            new LongwireHubOptions
            {
                TimeProvider = new HubTestClock(),
                Admin = new() { Token = AdminServer.Token },
            }
        );
        var audit = new AdminAudit(1, hub.Log, hub.TimeProvider);
        var gate = new AdminGate(hub.Settings.Admin, audit, hub.Clock);
        Exhaust("192.0.2.1");
        Assert.Equal(StatusCodes.Status429TooManyRequests, Try("192.0.2.1"));
        Assert.Equal(StatusCodes.Status429TooManyRequests, Try("::ffff:192.0.2.1"));
        Assert.Equal(StatusCodes.Status401Unauthorized, Try("192.0.2.2"));
        Exhaust("2001:db8:0:1::1");
        Assert.Equal(StatusCodes.Status429TooManyRequests, Try("2001:db8:0:1:ffff::2"));
        Assert.Equal(StatusCodes.Status401Unauthorized, Try("2001:db8:0:2::1"));
        Exhaust(address: null);
        Assert.Equal(StatusCodes.Status429TooManyRequests, Try(address: null));
        for (int other = 0; other < 1_000; other++)
        {
            Try($"10.0.{other / 250}.{other % 250}");
        }

        Assert.Equal(StatusCodes.Status401Unauthorized, Try("192.0.2.1"));

        int Try(string? address)
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
            context.Request.Headers.Authorization = "Bearer " + AdminServer.Token[1..];
            Assert.Null(gate.LetIn(context));
            return context.Response.StatusCode;
        }

        void Exhaust(string? address)
        {
            for (int wrong = 0; wrong < 10; wrong++)
            {
                Assert.Equal(StatusCodes.Status401Unauthorized, Try(address));
            }
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "evil.example")]
    public async Task A_foreign_page_gets_nothing_even_with_the_token(string header, string value)
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        foreach (string path in (string[])[.. _looks, .. _acts])
        {
            HttpMethod method = _acts.Contains(path) ? HttpMethod.Post : HttpMethod.Get;
            using HttpResponseMessage response = await admin.RequestAsync(
                method,
                path,
                AdminServer.Token,
                request => request.Headers.Add(header, value)
            );
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.DoesNotContain(response.Headers, static sent => sent.Key.StartsWith("Access-Control", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Who_may_look_may_not_act_and_that_it_was_tried_is_in_the_audit_log()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        HubWay ann = await admin.JoinAsync("ann");
        foreach (string token in (string[])[AdminServer.ReadToken, AdminServer.ContentsToken])
        {
            foreach (string act in _acts)
            {
                await admin.ActAsync(act, """{"userId":"ann"}""", HttpStatusCode.Forbidden, token);
            }
        }

        await ann.SendAsync("""{"type":"ping"}""");
        await ann.UntilAsync("pong");
        (long, string, string)[] expected =
        [
            .. from role in (string[])["read", "contents"] from act in _acts select (61L, role, "/ops/admin/" + act),
        ];
        Assert.Equal(expected, await admin.AuditAsync());
    }

    [Fact]
    public async Task What_people_say_is_shown_to_the_token_for_it_alone()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        foreach (string token in (string[])[AdminServer.ReadToken, AdminServer.Token])
        {
            using HttpResponseMessage response = await admin.RequestAsync(HttpMethod.Get, "api/trace?user=ann&contents=1", token);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        using AdminTrace trace = await admin.TraceAsync("user=ann&contents=1", AdminServer.ContentsToken);
        Assert.Equal((67, "contents", "user ann, with contents"), (await admin.AuditAsync())[^1]);
    }

    [Fact]
    public async Task The_audit_log_keeps_the_newest_and_no_more_than_it_may()
    {
        await using AdminServer admin = await AdminServer.StartAsync(static options => options.Admin.AuditEntries = 3);
        for (int user = 0; user < 5; user++)
        {
            await admin.ActAsync("api/kick", $$"""{"userId":"user{{user}}"}""");
        }

        Assert.Equal(["user user2", "user user3", "user user4"], (await admin.AuditAsync()).Select(static entry => entry.Target));
    }

    [Theory]
    [InlineData("""{"userId":"ann","clientId":"x"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"userId":"ann","everyone":true}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"userId":""}""", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.BadRequest)]
    [InlineData("[", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    public async Task An_action_that_does_not_say_whom_does_nothing(string body, HttpStatusCode expected)
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        foreach (string act in _acts[..3])
        {
            await admin.ActAsync(act, body, expected);
        }

        Assert.Empty(await admin.AuditAsync());
    }

    [Fact]
    public async Task A_form_and_a_large_body_are_refused()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        await admin.ActAsync("api/kick", """{"userId":"ann"}""", HttpStatusCode.UnsupportedMediaType, type: "text/plain");
        string large = $$"""{"userId":"{{new string('x', 4_096)}}"}""";
        await admin.ActAsync("api/kick", large, HttpStatusCode.RequestEntityTooLarge);
        Assert.Empty(await admin.AuditAsync());
    }

    [Fact]
    public async Task The_page_and_its_files_run_nothing_but_themselves()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        string page = await ReadAsync("", "text/html");
        string[] files = [.. FileOfPage().Matches(page).Select(static match => match.Groups["file"].Value)];
        Assert.Equal(["admin.css", "admin.js"], files);
        await ReadAsync("admin.css", "text/css");
        foreach (string script in (string[])["admin.js", "api.js", "dom.js"])
        {
            Assert.DoesNotContain("innerHTML", await ReadAsync(script, "text/javascript"), StringComparison.Ordinal);
        }

        Assert.DoesNotMatch(Inline(), page);

        async Task<string> ReadAsync(string path, string type)
        {
            using HttpResponseMessage response = await admin.RequestAsync(HttpMethod.Get, path, token: null);
            Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            string policy = string.Join(' ', response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task The_page_is_a_folder_so_that_it_finds_its_files()
    {
        await using AdminServer admin = await AdminServer.StartAsync();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = admin.Server.Address };
        using HttpResponseMessage response = await http.GetAsync(new Uri("/ops/admin", UriKind.Relative));
        Assert.Equal((HttpStatusCode.Redirect, "/ops/admin/"), (response.StatusCode, response.Headers.Location?.ToString()));
    }

    [GeneratedRegex("(?:href|src)=\"(?<file>[a-z.]+)\"")]
    private static partial Regex FileOfPage();

    [GeneratedRegex("<script[^>]*>[^<]|style=|\\son[a-z]+=")]
    private static partial Regex Inline();
}
