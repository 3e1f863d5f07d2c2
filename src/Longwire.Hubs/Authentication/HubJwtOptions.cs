using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// Which JSON Web Tokens (RFC 7519) sign clients in. Exactly one of <see cref="Key"/>, <see cref="JwksUrl"/> and <see cref="JwksFile"/>
/// says who signs them.
/// </summary>
public sealed record HubJwtOptions
{
    private const int MinKeyBytes = 32;

    private static readonly string[] _shared = ["HS256", "HS384", "HS512"];
    private static readonly string[] _public = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>The <c>iss</c> that a token has to have; required with public keys. Default: any.</summary>
    public string? Issuer { get; set; }

    /// <summary>The <c>aud</c> that a token has to have; required with public keys. Default: any.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// The algorithms that a token may be signed with, as <c>RS256</c>, whatever a token says itself. Required: those of <see cref="Key"/>
    /// begin with <c>HS</c>, those of public keys with <c>RS</c>, <c>PS</c> or <c>ES</c>.
    /// </summary>
    public IList<string> Algorithms { get; set; } = [];

    /// <summary>The key that the issuer and the hub share, of 32 bytes at least in UTF-8.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// Where the issuer shows its public keys (RFC 7517): <c>https</c>, or <c>http</c> on this machine; 64 KiB at most. The set is read
    /// when the first token comes, again when a token names a key that is not in it, once a minute at most, and again after an hour.
    /// </summary>
    public string? JwksUrl { get; set; }

    /// <summary>A file with the issuer's public keys, read as <see cref="JwksUrl"/> is.</summary>
    public string? JwksFile { get; set; }

    /// <summary>How far the issuer's clock may be off. Default: 30 s.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim that is the user's id. Default: <c>sub</c>.</summary>
    public string UserIdClaim { get; set; } = "sub";

    /// <summary>The claim that is shown to others as the user's name; without it that is the id. Default: <c>name</c>.</summary>
    public string UsernameClaim { get; set; } = "name";

    internal HubJwtOptions Copy() => this with { Algorithms = [.. Algorithms ?? []] };

    /// <summary>The faults of the options, each with its key and what to write.</summary>
    internal IEnumerable<string> Faults()
    {
        if (new[] { Key, JwksUrl, JwksFile }.Count(static source => !string.IsNullOrEmpty(source)) != 1)
        {
            yield return "Jwt: exactly one of Key, JwksUrl and JwksFile has to say who signs the tokens.";
            yield break;
        }

        string[] allowed = string.IsNullOrEmpty(Key) ? _public : _shared;
        if (Algorithms.Count == 0 || Algorithms.Except(allowed).Any())
        {
            yield return $"Jwt:Algorithms is \"{string.Join(", ", Algorithms)}\"; write some of {string.Join(", ", allowed)}.";
        }

        if (!string.IsNullOrEmpty(Key) && Encoding.UTF8.GetByteCount(Key) < MinKeyBytes)
        {
            yield return $"Jwt:Key is shorter than {MinKeyBytes} bytes; make one with openssl rand -hex 32.";
        }

        if (string.IsNullOrEmpty(Key) && string.IsNullOrEmpty(Issuer))
        {
            yield return "Jwt:Issuer is missing; write the iss of the tokens, as https://id.example.com.";
        }

        if (string.IsNullOrEmpty(Key) && string.IsNullOrEmpty(Audience))
        {
            yield return "Jwt:Audience is missing; write the aud of the tokens, so that those for other applications are not taken.";
        }

        if (!string.IsNullOrEmpty(JwksUrl) && !IsSafe(JwksUrl))
        {
            yield return $"Jwt:JwksUrl is \"{JwksUrl}\"; write an https URL.";
        }

        if (ClockSkew < TimeSpan.Zero)
        {
            yield return $"Jwt:ClockSkew is {ClockSkew}; it must be zero or more.";
        }

        if (string.IsNullOrEmpty(UserIdClaim) || string.IsNullOrEmpty(UsernameClaim))
        {
            yield return "Jwt:UserIdClaim and Jwt:UsernameClaim must not be empty.";
        }
    }

    // Without TLS somebody between could say whose signatures are good.
    private static bool IsSafe(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    // The key must not be printed by accident.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Issuer = {Issuer}, Audience = {Audience}, Algorithms = {string.Join(' ', Algorithms)}");
        return true;
    }
}
