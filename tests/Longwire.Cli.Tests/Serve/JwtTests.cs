using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Cli.Tests;

/// <summary>The hub behind `serve --jwt-key`, asked over a WebSocket.</summary>
public sealed class JwtTests : IAsyncLifetime
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private ToolRun _server = null!;

    public async ValueTask InitializeAsync() => _server = await ToolRun.ServeAsync("--jwt-key", Key);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_token_signed_with_the_key_says_who_it_is_whatever_name_is_asked_for()
    {
        JsonElement answer = await SignInAsync(Token(Key, DateTime.UtcNow.AddMinutes(5)));
        Assert.Equal("auth-success", answer.GetProperty("type").GetString());
        Assert.Contains("Ada Lovelace", answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("mallory", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_is_refused() =>
        await AssertRefusedAsync(Token("another key of at least 32 bytes", DateTime.UtcNow.AddMinutes(5)));

    [Fact]
    public async Task An_expired_token_is_refused() => await AssertRefusedAsync(Token(Key, DateTime.UtcNow.AddMinutes(-5)));

    [Fact]
    public async Task A_token_that_never_expires_is_refused() =>
        await AssertRefusedAsync(Sign("""{"alg":"HS256","typ":"JWT"}""", """{"sub":"ada"}""", Key));

    [Fact]
    public async Task A_token_without_a_subject_is_refused() =>
        await AssertRefusedAsync(Sign("""{"alg":"HS256","typ":"JWT"}""", """{"exp":4102444800}""", Key));

    [Fact]
    public async Task A_token_without_a_signature_is_refused() =>
        await AssertRefusedAsync(Sign("""{"alg":"none","typ":"JWT"}""", """{"sub":"ada","exp":4102444800}""", key: null));

    [Theory]
    [InlineData("valid-token")]
    [InlineData("a.b.c")]
    [InlineData("\u0000")]
    public async Task What_is_no_token_is_refused(string token) => await AssertRefusedAsync(token);

    private async Task AssertRefusedAsync(string token)
    {
        JsonElement answer = await SignInAsync(token);
        Assert.Equal("auth-failed", answer.GetProperty("type").GetString());
        Assert.DoesNotContain(token, _server.Error.Text, StringComparison.Ordinal);
    }

    private async Task<JsonElement> SignInAsync(string token)
    {
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(_server.Socket("/ws"));
        await socket.SendTextAsync(
            JsonSerializer.Serialize(
                new
                {
                    type = "auth",
                    token,
                    username = "mallory",
                }
            )
        );
        while (true)
        {
            JsonElement message = JsonDocument
                .Parse((await socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Payload)
                .RootElement.Clone();
            if (message.GetProperty("type").GetString()!.StartsWith("auth-", StringComparison.Ordinal))
            {
                socket.Abort();
                return message;
            }
        }
    }

    private static string Token(string key, DateTime expires) =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Claims = new Dictionary<string, object> { ["sub"] = "ada", ["name"] = "Ada Lovelace" },
                NotBefore = expires.AddHours(-1),
                IssuedAt = expires.AddHours(-1),
                Expires = expires,
                SigningCredentials = new SigningCredentials(
                    new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
                    SecurityAlgorithms.HmacSha256
                ),
            }
        );

    private static string Sign(string header, string payload, string? key)
    {
        string text = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        return key is null
            ? text + "."
            : $"{text}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(text)))}";
    }
}
