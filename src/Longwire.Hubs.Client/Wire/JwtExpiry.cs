using System.Buffers.Text;
using System.Text.Json;

namespace Longwire.Hubs.Client;

/// <summary>Finds out when a token ends that says so.</summary>
internal static class JwtExpiry
{
    /// <summary>The <c>exp</c> of a JWT (RFC 7519 §4.1.4); null where the token is none, or does not say.</summary>
    public static DateTimeOffset? Find(string token)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(Base64Url.DecodeFromChars(parts[1]));
            return
                JsonElement.TryParseValue(ref reader, out JsonElement? claims)
                && claims.Value.ValueKind == JsonValueKind.Object
                && claims.Value.TryGetProperty("exp"u8, out JsonElement end)
                && end.ValueKind == JsonValueKind.Number
                && end.TryGetDouble(out double seconds)
                && seconds is > 0 and < 253_402_300_800
                ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
