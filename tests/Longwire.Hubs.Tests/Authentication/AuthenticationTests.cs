using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class AuthenticationTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : AuthenticationTests(null);

    public sealed class OnKestrel() : AuthenticationTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : AuthenticationTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : AuthenticationTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_valid_token_is_answered_with_the_name_and_the_id()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement answer = await client.AskAsync("""{"type":"auth","token":"valid-token","username":"ann","id":"a1"}""", "auth-success");
        Assert.Equal("ann", answer.Text("username"));
        Assert.Equal("ann", answer.Text("userId"));
        Assert.Equal("a1", answer.Text("id"));
    }

    [Fact]
    public async Task Without_a_username_the_clients_id_is_used()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement answer = await client.AskAsync("""{"type":"auth","token":"valid-token","username":null}""", "auth-success");
        Assert.Equal(client.ClientId, answer.Text("username"));
    }

    [Theory]
    [InlineData("""{"type":"auth","token":"wrong"}""")]
    [InlineData("""{"type":"auth","token":null,"username":null}""")]
    [InlineData("""{"type":"auth"}""")]
    [InlineData("""{"type":"auth","token":""}""")]
    public async Task A_wrong_token_is_told_and_closed(string auth)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement failed = await client.AskAsync(auth, "auth-failed");
        Assert.Equal("Invalid token", failed.Text("message"));
        (CloseStatus status, string? reason, List<JsonElement> _) = await client.ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Authentication failed"), (status, reason));
    }

    [Theory]
    [InlineData("""{"type":"auth","token":7}""")]
    [InlineData("""{"type":"auth","token":{"a":1}}""")]
    [InlineData("""{"type":"auth","token":"valid-token","username":[]}""")]
    [InlineData("""{"type":"auth","token":"valid-token","username":"\ud800"}""")]
    [InlineData("""{"type":"auth","token":"valid-token","username":"12345678901234567890123456789012345678901234567890123456789012345"}""")]
    public async Task A_token_or_name_of_the_wrong_kind_is_an_error(string auth)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        await client.ExpectErrorAsync(auth, "invalid-format");
    }

    [Theory]
    [InlineData("""{"type":"join-room","room":"lobby"}""")]
    [InlineData("""{"type":"message","room":"lobby","content":1}""")]
    [InlineData("""{"type":"chat","message":"hello"}""")]
    [InlineData("""{"type":"direct","userId":"ann","content":"hello"}""")]
    [InlineData("""{"type":"history","room":"lobby"}""")]
    [InlineData("""{"type":"presence","room":"lobby"}""")]
    [InlineData("""{"type":"leave-room","room":"lobby"}""")]
    [InlineData("""{"type":"something-else"}""")]
    public async Task Before_authentication_everything_but_auth_and_ping_is_refused(string message)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement error = await client.ExpectErrorAsync(message, "unauthenticated");
        Assert.Equal("Not authenticated", error.Text("message"));
        await client.AskAsync("""{"type":"ping"}""", "pong");
    }

    [Fact]
    public async Task Who_does_not_authenticate_in_time_is_closed()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient late = await hub.ConnectAsync();
        TestClient punctual = await hub.ConnectAsAsync("ann");
        hub.Time.Advance(TimeSpan.FromSeconds(9));
        await late.ExpectNothingAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        (CloseStatus status, string? reason, List<JsonElement> _) = await late.ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Authentication failed"), (status, reason));
        await punctual.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_token_in_the_handshake_authenticates()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync(new HubHandshake { Token = "valid-token" });
        Assert.Equal(client.ClientId, client.Connected.Text("userId"));
        await client.JoinAsync("lobby");
    }

    [Fact]
    public async Task A_bad_token_in_the_handshake_is_closed_without_another_word()
    {
        await using TestHub hub = await StartHubAsync();
        (CloseStatus status, string? reason, List<JsonElement>? messages) = await (
            await hub.OpenAsync(new HubHandshake { Token = "wrong" })
        ).ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Invalid authentication"), (status, reason));
        Assert.Empty(messages);
    }

    [Fact]
    public async Task Whom_the_host_has_authenticated_needs_no_token()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync(new HubHandshake { Identity = new HubIdentity("u1", "Ann") });
        Assert.Equal("u1", client.Connected.Text("userId"));
        Assert.Equal("Ann", client.Connected.Text("username"));
        await client.JoinAsync("lobby");
    }

    [Fact]
    public async Task Messages_sent_while_a_slow_validator_decides_are_dealt_with_after_it_in_order()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(validator: validator);
        TestClient client = await hub.ConnectAsync();
        await client.SendAsync("""{"type":"auth","token":"t"}""");
        await client.SendAsync("""{"type":"join-room","room":"lobby"}""");
        await client.SendAsync("""{"type":"message","room":"lobby","content":"hello"}""");
        validator.Answer.SetResult(new HubIdentity("ann"));
        await client.NextAsync("auth-success");
        await client.NextAsync("joined-room");
        await client.NextAsync("message");
    }

    [Fact]
    public async Task Only_so_many_messages_may_wait_for_the_validator()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(options => options.MaxWaitingMessages = 2, validator);
        TestClient client = await hub.ConnectAsync();
        await client.SendAsync("""{"type":"auth","token":"t"}""");
        await client.SendAsync("""{"type":"ping"}""");
        await client.SendAsync("""{"type":"ping"}""");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"ping"}""", "rate-limited");
        Assert.Equal(1000, error.Number("retryAfterMs"));
        validator.Answer.SetResult(new HubIdentity("ann"));
        await client.NextAsync("auth-success");
        await client.NextAsync("pong");
        await client.NextAsync("pong");
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_could_not_wait_is_told_with_its_id()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(options => options.RateLimit = null, validator);
        TestClient client = await hub.ConnectAsync();
        await client.SendAsync("""{"type":"auth","token":"t","id":"auth"}""");
        for (int number = 0; number < 100; number++)
        {
            await client.SendAsync($$"""{"type":"ping","id":"p{{number}}"}""");
        }

        for (int number = 64; number < 100; number++)
        {
            JsonElement error = await client.NextAsync("error");
            Assert.Equal(("rate-limited", $"p{number}"), (error.Text("code"), error.Has("id") ? error.Text("id") : "no id"));
        }

        validator.Answer.SetResult(new HubIdentity("ann"));
        await client.NextAsync("auth-success");
        for (int number = 0; number < 64; number++)
        {
            Assert.Equal($"p{number}", (await client.NextAsync("pong")).Text("id"));
        }
    }

    [Fact]
    public async Task A_validator_that_fails_is_no_wrong_token()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(validator: validator);
        TestClient client = await hub.ConnectAsync();
        await client.SendAsync("""{"type":"auth","token":"t","id":"a"}""");
        validator.Answer.SetException(new InvalidOperationException("a secret of ours"));
        JsonElement error = await client.NextAsync("error");
        Assert.Equal("unavailable", error.Text("code"));
        Assert.Equal("a", error.Text("id"));
        Assert.DoesNotContain("secret", error.ToString());

        (CloseStatus status, string _, List<JsonElement> _) = await (await hub.OpenAsync(new HubHandshake { Token = "t" })).ClosedAsync();
        Assert.Equal(CloseStatus.TryAgainLater, status);
    }

    [Fact]
    public async Task A_validator_that_never_answers_is_given_up()
    {
        await using TestHub hub = await StartHubAsync(validator: new StubValidator());
        TestClient client = await hub.ConnectAsync();
        await client.SendAsync("""{"type":"auth","token":"t"}""");
        await client.SendAsync("""{"type":"ping"}""");
        await Eventually.TrueAsync(() => hub.Hub.FindSession(client.ClientId)!.WaitingMessages > 0);

        hub.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("unavailable", (await client.NextAsync("error")).Text("code"));
    }

    [Fact]
    public async Task An_expired_token_closes_the_session_after_the_grace()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(options => options.ExpiryGrace = TimeSpan.FromSeconds(30), validator);
        validator.Answer.SetResult(new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromMinutes(1) });
        TestClient client = await hub.ConnectAsAsync("ann");
        hub.Time.Advance(TimeSpan.FromSeconds(89));
        await client.ExpectNothingAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        (CloseStatus status, string? reason, List<JsonElement> _) = await client.ClosedAsync();
        Assert.Equal((HubCloseStatus.TokenExpired, "Token expired"), (status, reason));
    }

    [Fact]
    public async Task A_token_can_be_renewed_in_place()
    {
        var validator = new StubValidator();
        await using TestHub hub = await StartHubAsync(validator: validator);
        validator.Answer.SetResult(new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromMinutes(1) });
        TestClient client = await hub.JoinAsAsync("ann", "lobby");
        validator.Answer = new TaskCompletionSource<HubIdentity?>();
        validator.Answer.SetResult(new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromHours(1) });
        await client.AskAsync("""{"type":"auth","token":"t2"}""", "auth-success");
        hub.Time.Advance(TimeSpan.FromMinutes(10));
        await client.ExpectNothingAsync();
        Assert.Equal(["lobby"], hub.Hub.FindSession(client.ClientId)!.Rooms);
    }

    [Fact]
    public async Task Another_user_on_the_same_connection_leaves_the_rooms_of_the_one_before()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "lobby");
        TestClient client = await hub.JoinAsAsync("ann", "lobby");
        await witness.NextAsync("user-joined");
        await client.SendAsync("""{"type":"auth","token":"valid-token","username":"bob"}""");
        Assert.Equal("lobby", (await client.NextAsync("left-room")).Text("room"));
        Assert.Equal("bob", (await client.NextAsync("auth-success")).Text("userId"));
        Assert.Equal("ann", (await witness.NextAsync("user-left")).Text("userId"));
        await client.ExpectErrorAsync("""{"type":"message","room":"lobby","content":1}""", "not-in-room");
    }

    [Fact]
    public async Task A_hub_that_requires_no_authentication_takes_guests()
    {
        await using TestHub hub = await StartHubAsync(options => options.AllowGuests = true);
        TestClient guest = await hub.ConnectAsync();
        Assert.Equal(guest.ClientId, guest.Connected.Text("userId"));
        Assert.StartsWith("guest-", guest.Connected.Text("username"));
        await guest.AskAsync("""{"type":"chat","message":"hello"}""", "chat");
        hub.Time.Advance(TimeSpan.FromMinutes(1));
        await guest.ExpectNothingAsync();
    }

    [Fact]
    public async Task Without_a_validator_no_token_is_valid()
    {
        await using var bare = new Hub();
        await bare.StartAsync();
        var client = TestClient.OverPipes(new HubHandler(bare), options: null, pipeBytes: 64 * 1024);
        await client.NextAsync("connected");
        await client.AskAsync("""{"type":"auth","token":"valid-token"}""", "auth-failed");
    }

    private sealed class StubValidator : ITokenValidator
    {
        public TaskCompletionSource<HubIdentity?> Answer { get; set; } = new();

        public ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken) => new(Answer.Task);
    }
}
