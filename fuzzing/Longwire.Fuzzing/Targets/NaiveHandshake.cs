namespace Longwire.Fuzzing;

/// <summary>The rules of the opening handshake in as few words as they can be said.</summary>
internal static class NaiveHandshake
{
    /// <summary>The status of the answer; 101 when the request is right.</summary>
    public static int Status(in UpgradeRequest request)
    {
        if (!request.IsExtendedConnect)
        {
            if (request.Method != "GET")
            {
                return 405;
            }

            if (!request.IsHttp11OrHigher || !HasToken(request.Upgrade, "websocket") || !HasToken(request.Connection, "upgrade"))
            {
                return 400;
            }
        }

        if (request.Version?.Trim(' ', '\t') != "13")
        {
            return 426;
        }

        if ((!request.IsExtendedConnect && !IsKey((request.Key ?? "").Trim(' ', '\t'))) || Subprotocols(request.Subprotocols) is null)
        {
            return 400;
        }

        return request.Extensions is not null && NaiveExtensions.Read(request.Extensions) is null ? 400 : 101;
    }

    public static bool HasToken(string? list, string token) =>
        (list ?? "").Split(',').Any(entry => entry.Trim(' ', '\t').Equals(token, StringComparison.OrdinalIgnoreCase));

    public static bool IsKey(string key)
    {
        try
        {
            byte[] nonce = Convert.FromBase64String(key);
            return nonce.Length == 16 && Convert.ToBase64String(nonce) == key;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public static List<string>? Subprotocols(string? header)
    {
        if (header is null)
        {
            return [];
        }

        List<string> entries = [.. header.Split(',').Select(entry => entry.Trim(' ', '\t')).Where(entry => entry.Length != 0)];
        return
            entries.All(NaiveExtensions.IsToken)
            && entries.Distinct().Count() == entries.Count
            && entries.Count <= SubprotocolNegotiation.MaxOffers
            ? entries
            : null;
    }

    public static bool IsSameHost(string origin, string host)
    {
        string[] parts = origin.Split("://", 2);
        return parts.Length == 2 && WithoutPort(parts[0], parts[1]) == WithoutPort(parts[0], host);
    }

    public static bool IsListed(string scheme, string authority)
    {
        string plain = WithoutPort(scheme, authority);
        return (
                scheme == "https"
                && (plain == "example.com" || (plain.EndsWith(".example.com", StringComparison.Ordinal) && plain.Length > 12))
            ) || (scheme == "http" && plain == "example.com:8080");
    }

    private static string WithoutPort(string scheme, string authority)
    {
        string port = scheme is "https" or "wss" ? ":443" : ":80";
        return authority.EndsWith(port, StringComparison.Ordinal) ? authority[..^port.Length] : authority;
    }
}
