using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Hubs.Tests;

/// <summary>An issuer of tokens, which shows its keys over HTTP.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    public const string Name = "https://id.example.com";

    private readonly WebApplication _application;
    private readonly Dictionary<string, SigningCredentials> _keys = [];

    private Issuer()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.MapGet(
            "/jwks",
            () =>
            {
                Reads++;
                return IsAway ? Results.StatusCode(503) : Results.Text(Jwks, "application/json");
            }
        );
    }

    /// <summary>How often its keys were read.</summary>
    public int Reads { get; private set; }

    public bool IsAway { get; set; }

    /// <summary>Put behind its keys.</summary>
    public string Padding { get; set; } = "";

    public string Jwks => JsonSerializer.Serialize(new { keys = _keys.Keys.Select(Shown), padding = Padding });

    public string Url { get; private set; } = "";

    public static async Task<Issuer> StartAsync(params string[] keyIds)
    {
        var issuer = new Issuer();
        foreach (string keyId in keyIds)
        {
            issuer.AddKey(keyId);
        }

        await issuer._application.StartAsync();
        IServer server = issuer._application.Services.GetRequiredService<IServer>();
        issuer.Url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/jwks";
        return issuer;
    }

    public void AddKey(string keyId) => _keys.Add(keyId, NewKey(keyId));

    public void RemoveKey(string keyId) => _keys.Remove(keyId);

    /// <summary>Credentials that the issuer does not show.</summary>
    public static SigningCredentials NewKey(string keyId) =>
        keyId.StartsWith("es", StringComparison.Ordinal)
            ? new(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = keyId }, "ES256")
            : new(new RsaSecurityKey(RSA.Create(2048)) { KeyId = keyId }, "RS256");

    public SigningCredentials Key(string keyId) => _keys[keyId];

    /// <summary>Makes a token; a claim that is null is left out.</summary>
    public static string Token(SigningCredentials? key, DateTimeOffset now, params (string Name, object? Value)[] claims)
    {
        Dictionary<string, object> all = new()
        {
            ["iss"] = Name,
            ["aud"] = "chat",
            ["sub"] = "ann",
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
        };
        foreach ((string name, object? value) in claims)
        {
            all.Remove(name);
            if (value is not null)
            {
                all.Add(name, value);
            }
        }

        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        string payload = JsonSerializer.Serialize(all);
        return key is null ? handler.CreateToken(payload) : handler.CreateToken(payload, key);
    }

    public string Token(string keyId, DateTimeOffset now, params (string Name, object? Value)[] claims) => Token(_keys[keyId], now, claims);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Dictionary<string, string> Shown(string keyId)
    {
        JsonWebKey key = JsonWebKeyConverter.ConvertFromSecurityKey(_keys[keyId].Key);
        return key.Kty == "RSA"
            ? new()
            {
                ["kty"] = "RSA",
                ["kid"] = keyId,
                ["n"] = key.N,
                ["e"] = key.E,
            }
            : new()
            {
                ["kty"] = "EC",
                ["kid"] = keyId,
                ["crv"] = key.Crv,
                ["x"] = key.X,
                ["y"] = key.Y,
            };
    }
}
