using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Hubs.Tests;

/// <summary>Clients sign in with JSON Web Tokens.</summary>
public sealed class JwtTests
{
    private const string Secret = "a secret of thirty-two bytes or more";

    [Fact]
    public void The_key_is_not_printed_with_the_options()
    {
        var options = new LongwireHubOptions
        {
            Jwt = new HubJwtOptions
            {
                Key = Secret,
                Algorithms = ["HS256"],
                Issuer = "the issuer",
            },
        };
        Assert.DoesNotContain(Secret, options.ToString(), StringComparison.Ordinal);
        Assert.Contains("the issuer", options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rs1")]
    [InlineData("es1")]
    public async Task A_token_that_the_issuer_signed_signs_in_and_its_claims_are_the_users(string keyId)
    {
        await using Issuer issuer = await Issuer.StartAsync(keyId);
        await using WaysServer server = await StartAsync(issuer);
        string token = issuer.Token(keyId, server.Time.GetUtcNow(), ("name", "Ann"), ("room", "tea"));
        JsonElement connected = await ConnectAsync(server, token);
        Assert.Equal(("ann", "Ann"), (connected.Text("userId"), connected.Text("username")));
        HubIdentity identity = server.Hub.FindSession(connected.Text("clientId"))!.Identity!;
        Assert.Contains(identity.Claims, static claim => claim is { Type: "room", Value: "tea" });
    }

    [Fact]
    public async Task A_token_that_is_not_good_in_every_respect_is_refused()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1", "es1");
        await using WaysServer server = await StartAsync(issuer);
        DateTimeOffset now = server.Time.GetUtcNow();
        SigningCredentials foreign = Issuer.NewKey("rs1");
        byte[] shown = Encoding.UTF8.GetBytes(issuer.Jwks);
        var confused = new SigningCredentials(new SymmetricSecurityKey(shown) { KeyId = "rs1" }, "HS256");
        var unnamed = new SigningCredentials(new RsaSecurityKey(((RsaSecurityKey)issuer.Key("rs1").Key).Rsa), "RS256");
        var otherHash = new SigningCredentials(issuer.Key("rs1").Key, "RS512");
        (string Why, string Token)[] tokens =
        [
            ("another issuer", issuer.Token("rs1", now, ("iss", "https://evil.example"))),
            ("no issuer", issuer.Token("rs1", now, ("iss", null))),
            ("another audience", issuer.Token("rs1", now, ("aud", "shop"))),
            ("no audience", issuer.Token("rs1", now, ("aud", null))),
            ("expired", issuer.Token("rs1", now, ("exp", now.AddSeconds(-31).ToUnixTimeSeconds()))),
            ("no expiry", issuer.Token("rs1", now, ("exp", null))),
            ("not good yet", issuer.Token("rs1", now, ("nbf", now.AddSeconds(31).ToUnixTimeSeconds()))),
            ("no user", issuer.Token("rs1", now, ("sub", null))),
            ("an empty user", issuer.Token("rs1", now, ("sub", ""))),
            ("not signed", Issuer.Token(null, now)),
            ("signed by another key of this name", Issuer.Token(foreign, now)),
            ("signed by a key that is not shown", Issuer.Token(Issuer.NewKey("rs9"), now)),
            ("signed with what is shown as a secret", Issuer.Token(confused, now)),
            ("without a key id where there are two keys", Issuer.Token(unnamed, now)),
            ("another algorithm than those allowed", Issuer.Token(otherHash, now)),
            ("changed", Changed(issuer.Token("rs1", now))),
            ("no token", "a.b.c"),
            ("nothing like one", "valid"),
        ];
        foreach ((string why, string token) in tokens)
        {
            using HttpResponseMessage response = await PollAsync(server, token);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{why}: {response.StatusCode}");
        }

        await ConnectAsync(server, issuer.Token("rs1", now));
    }

    [Fact]
    public async Task Clocks_may_differ_a_little()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        await using WaysServer server = await StartAsync(issuer);
        DateTimeOffset now = server.Time.GetUtcNow();
        await ConnectAsync(server, issuer.Token("rs1", now, ("exp", now.AddSeconds(-29).ToUnixTimeSeconds())));
        await ConnectAsync(server, issuer.Token("rs1", now, ("nbf", now.AddSeconds(29).ToUnixTimeSeconds())));
    }

    [Fact]
    public async Task A_new_key_is_found_when_a_token_names_it_and_keys_are_read_once_a_minute_at_most()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        await using WaysServer server = await StartAsync(issuer);
        await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        Assert.Equal(1, issuer.Reads);
        issuer.AddKey("es2");
        string token = issuer.Token("es2", server.Time.GetUtcNow());
        for (int attempt = 0; attempt < 3; attempt++)
        {
            // The keys were read a moment ago.
            using HttpResponseMessage response = await PollAsync(server, token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal(1, issuer.Reads);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await ConnectAsync(server, token);
        await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        Assert.Equal(2, issuer.Reads);
    }

    [Fact]
    public async Task A_key_that_the_issuer_takes_back_is_good_for_an_hour_at_most()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1", "rs2");
        await using WaysServer server = await StartAsync(issuer);
        SigningCredentials old = issuer.Key("rs1");
        await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        issuer.RemoveKey("rs1");
        server.Time.Advance(TimeSpan.FromMinutes(59));
        await ConnectAsync(server, Issuer.Token(old, server.Time.GetUtcNow()));
        server.Time.Advance(TimeSpan.FromMinutes(1));
        using HttpResponseMessage response = await PollAsync(server, Issuer.Token(old, server.Time.GetUtcNow()));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task While_the_issuer_is_away_known_keys_stay_good_and_without_any_the_client_is_to_come_back()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        await using WaysServer server = await StartAsync(issuer);
        issuer.IsAway = true;
        using HttpResponseMessage away = await PollAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        issuer.IsAway = false;
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        issuer.IsAway = true;
        server.Time.Advance(TimeSpan.FromHours(2));
        await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_set_of_more_than_64_KiB_is_not_read()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        issuer.Padding = new string('x', 64 * 1024);
        await using WaysServer server = await StartAsync(issuer);
        using HttpResponseMessage response = await PollAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Keys_may_be_in_a_file_that_is_read_again_as_well()
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, issuer.Jwks);
            await using WaysServer server = await StartAsync(issuer, jwt => (jwt.JwksUrl, jwt.JwksFile) = (null, file));
            await ConnectAsync(server, issuer.Token("rs1", server.Time.GetUtcNow()));
            issuer.AddKey("rs2");
            await File.WriteAllTextAsync(file, issuer.Jwks);
            server.Time.Advance(TimeSpan.FromMinutes(1));
            await ConnectAsync(server, issuer.Token("rs2", server.Time.GetUtcNow()));
            Assert.Equal(0, issuer.Reads);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Issuer_and_hub_may_share_a_key()
    {
        await using WaysServer server = await WaysServer.StartAsync(static options =>
            options.Jwt = new HubJwtOptions { Key = Secret, Algorithms = ["HS256"] }
        );
        var good = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), "HS256");
        var bad = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret + "!")), "HS256");
        await ConnectAsync(server, Issuer.Token(good, server.Time.GetUtcNow()));
        using HttpResponseMessage response = await PollAsync(server, Issuer.Token(bad, server.Time.GetUtcNow()));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(WayIn.WebSocket)]
    [InlineData(WayIn.Events)]
    [InlineData(WayIn.LongPolling)]
    public async Task Renewed_in_the_middle_of_a_stream_it_loses_nothing_and_without_that_it_ends_with_4003(WayIn way)
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        await using WaysServer server = await StartAsync(issuer);
        HubWay ann = await server.ConnectAsync(way, "ann");
        await SignInAsync();
        await ann.JoinAsync("tea");
        for (int number = 1; number <= 30; number++)
        {
            await server.Hub.PublishAsync("tea", Encoding.UTF8.GetBytes($"{number}"));
            if (number % 10 == 0)
            {
                server.Time.Advance(TimeSpan.FromMinutes(8));
                await SignInAsync();
            }
        }

        for (int number = 1; number <= 30; number++)
        {
            Assert.Equal(number, (await ann.UntilAsync("message")).Number("offset"));
        }

        server.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(4003, await ann.ClosedAsync());

        async Task SignInAsync()
        {
            await ann.SendAsync($$"""{"type":"auth","token":"{{issuer.Token("rs1", server.Time.GetUtcNow())}}"}""");
            await ann.UntilAsync("auth-success");
        }
    }

    [Theory]
    [InlineData(WayIn.WebSocket)]
    [InlineData(WayIn.Events)]
    [InlineData(WayIn.LongPolling)]
    public async Task Tokens_revoked_and_keys_changed_in_the_middle_of_a_stream_lose_nothing(WayIn way)
    {
        await using Issuer issuer = await Issuer.StartAsync("rs0");
        await using WaysServer server = await StartAsync(issuer);
        HubWay ann = await server.ConnectAsync(way, "ann");
        await SignInAsync(0);
        JsonElement at = await ann.JoinAsync("tea");
        int said = 0;
        for (int round = 0; round < 3; round++)
        {
            await SayAsync();
            string mine = $$"""{"type":"message","room":"tea","content":"mine","id":"m{{round}}"}""";
            await ann.SendAsync(mine);
            await ann.UntilAsync("ack");
            for (int number = 0; number < 6; number++)
            {
                JsonElement next = await ann.UntilAsync("message");
                Assert.Equal(at.Number("offset") + 1, next.Number("offset"));
                at = next;
            }

            await server.Application.RevokeTokenAsync($"t{round}");
            Assert.Equal(4003, await ann.ClosedAsync());
            await SayAsync();
            issuer.RemoveKey($"rs{round}");
            issuer.AddKey($"rs{round + 1}");
            server.Time.Advance(TimeSpan.FromMinutes(1));

            await ann.ConnectAsync();
            Assert.True(ann.Resumed);
            await SignInAsync(round + 1);
            JsonElement missed = await ann.JoinAsync(
                "tea",
                $$""","recover":{"epoch":"{{at.Text("epoch")}}","offset":{{at.Number("offset")}},"tag":"{{at.Text("tag")}}"}"""
            );
            Assert.True(missed.GetProperty("recovered").GetBoolean());
            Assert.Equal(5, missed.GetProperty("messages").GetArrayLength());
            at = missed;
            await ann.SendAsync(mine);
            Assert.True((await ann.UntilAsync("ack")).GetProperty("repeated").GetBoolean());
        }

        async Task SayAsync()
        {
            for (int number = 0; number < 5; number++)
            {
                await server.Hub.PublishAsync("tea", Encoding.UTF8.GetBytes($"{++said}"));
            }
        }

        async Task SignInAsync(int round)
        {
            string token = issuer.Token($"rs{round}", server.Time.GetUtcNow(), ("jti", $"t{round}"));
            await ann.SendAsync($$"""{"type":"auth","token":"{{token}}"}""");
            await ann.UntilAsync("auth-success");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_revoked_by_its_id_or_by_its_user_is_not_good_any_more_and_a_newer_one_is(bool byId)
    {
        await using Issuer issuer = await Issuer.StartAsync("rs1");
        await using WaysServer server = await StartAsync(issuer);
        string revoked = Token(server.Time.GetUtcNow(), "t1");
        await ConnectAsync(server, revoked);
        await (byId ? server.Application.RevokeTokenAsync("t1") : server.Application.User("ann").RevokeAsync());
        using HttpResponseMessage response = await PollAsync(server, revoked);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await ann.SendAsync($$"""{"type":"auth","token":"{{revoked}}"}""");
        await ann.UntilAsync("auth-failed");
        Assert.Equal(1008, await ann.ClosedAsync());
        await ConnectAsync(server, Token(server.Time.GetUtcNow().AddSeconds(1), "t2"));

        string Token(DateTimeOffset at, string id) =>
            issuer.Token("rs1", server.Time.GetUtcNow(), ("jti", id), ("iat", at.ToUnixTimeSeconds()));
    }

    [Theory]
    [InlineData("Jwt: exactly one of Key, JwksUrl and JwksFile has to say who signs the tokens.", null, null, null, null, "RS256")]
    [InlineData("Jwt:Algorithms is \"\"; write some of RS256", "https://a/jwks", null, "i", "a", "")]
    [InlineData("Jwt:Algorithms is \"HS256\"; write some of RS256", "https://a/jwks", null, "i", "a", "HS256")]
    [InlineData("Jwt:Algorithms is \"none\"; write some of HS256", null, Secret, null, null, "none")]
    [InlineData("Jwt:Key is shorter than 32 bytes", null, "short", null, null, "HS256")]
    [InlineData("Jwt:Issuer is missing", "https://a/jwks", null, null, "a", "RS256")]
    [InlineData("Jwt:Audience is missing", "https://a/jwks", null, "i", null, "RS256")]
    [InlineData("Jwt:JwksUrl is \"http://a/jwks\"; write an https URL.", "http://a/jwks", null, "i", "a", "RS256")]
    public void Options_that_make_no_sense_fail_at_the_start(
        string words,
        string? url,
        string? key,
        string? issuer,
        string? audience,
        string algorithm
    )
    {
        var jwt = new HubJwtOptions
        {
            JwksUrl = url,
            Key = key,
            Issuer = issuer,
            Audience = audience,
            Algorithms = algorithm.Length == 0 ? [] : [algorithm],
        };
        string message = Assert.Throws<ArgumentException>(() => new Hub(new LongwireHubOptions { Jwt = jwt })).Message;
        Assert.StartsWith(words, message);
        Assert.DoesNotContain(Secret, message, StringComparison.Ordinal);
    }

    private static Task<WaysServer> StartAsync(Issuer issuer, Action<HubJwtOptions>? configure = null) =>
        WaysServer.StartAsync(options =>
        {
            // The tests' clock makes leaps, in which no client can poll.
            options.Http.PollTimeout = TimeSpan.FromHours(3);
            options.Jwt = new HubJwtOptions
            {
                Issuer = Issuer.Name,
                Audience = "chat",
                Algorithms = ["RS256", "ES256"],
                JwksUrl = issuer.Url,
            };
            configure?.Invoke(options.Jwt);
        });

    private static async Task<JsonElement> ConnectAsync(WaysServer server, string token)
    {
        using HttpResponseMessage response = await PollAsync(server, token);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("messages")[0].Clone();
    }

    private static async Task<HttpResponseMessage> PollAsync(WaysServer server, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "hub/poll?wait=0");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await server.Http.SendAsync(request);
    }

    /// <summary>The same with another payload under the signature.</summary>
    private static string Changed(string token)
    {
        string[] parts = token.Split('.');
        string payload = Base64UrlEncoder.Decode(parts[1]).Replace("\"ann\"", "\"bob\"", StringComparison.Ordinal);
        return string.Join('.', parts[0], Base64UrlEncoder.Encode(payload), parts[2]);
    }
}
