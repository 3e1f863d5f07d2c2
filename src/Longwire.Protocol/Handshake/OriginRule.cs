using System.ComponentModel;
using System.Text;

namespace Longwire.Protocol;

/// <summary>
/// Which origins may connect (RFC 6455 §10.2). A browser says where a page comes from; without this check any page could
/// open a connection with its visitor's cookies (cross-site WebSocket hijacking). Immutable. Configuration gives it as text: origins
/// with commas between them.
/// </summary>
[TypeConverter(typeof(OriginRuleConverter))]
public sealed class OriginRule
{
    // The origin of pages without a host: sandboxed frames and documents from files; old web views.
    private const string NoOrigin = "null";
    private const string FileOrigin = "file://";

    private readonly string[]? _allowed;
    private readonly bool _any;

    private OriginRule(bool any, string[]? allowed)
    {
        _any = any;
        _allowed = allowed;
    }

    /// <summary>The default: pages from the host and port that the request names in <c>Host</c>, and clients that send no origin.</summary>
    public static OriginRule SameHost { get; } = new(any: false, allowed: null);

    /// <summary>Every origin. Right only where no cookie or client certificate authenticates.</summary>
    public static OriginRule Any { get; } = new(any: true, allowed: null);

    /// <summary>The listed origins, and clients that send none.</summary>
    /// <param name="origins">
    /// Origins as <c>https://example.com</c> or <c>https://example.com:8443</c>; <c>https://*.example.com</c> allows every
    /// subdomain of any depth, not the domain itself. Names beyond ASCII are written as browsers send them:
    /// <c>https://xn--mnchen-3ya.de</c>. Pages without a host, such as files and sandboxed frames, are allowed by
    /// <c>null</c> or <c>file://</c>, which of the two they send: any such page of any author. <c>*</c> allows every origin, as
    /// <see cref="Any"/> does. At least one.
    /// </param>
    /// <exception cref="ArgumentException">An entry is not an origin.</exception>
    public static OriginRule Allow(params IEnumerable<string> origins)
    {
        string[] list = [.. origins];
        return list.Length == 0 ? throw new ArgumentException("At least one origin is needed.", nameof(origins))
            : list.Contains("*") ? Any
            : new OriginRule(any: false, [.. list.Select(Normalize)]);
    }

    /// <summary>Whether a request may connect.</summary>
    /// <param name="origin">The request's <c>Origin</c>; null when it has none, as with clients that are not browsers.</param>
    /// <param name="host">The request's <c>Host</c> as it is on the wire, with its port if it has one.</param>
    /// <param name="isSecure">
    /// Whether the request is known to have come over TLS; then a page that came without TLS is not of the same host. False where a
    /// proxy may have ended TLS.
    /// </param>
    public bool Allows(string? origin, string? host, bool isSecure = false)
    {
        if (_any || string.IsNullOrEmpty(origin))
        {
            return true;
        }

        if (IsWithoutHost(origin))
        {
            return _allowed?.Contains(origin, StringComparer.OrdinalIgnoreCase) == true;
        }

        if (!TryParse(origin, out string scheme, out string authority))
        {
            return false;
        }

        if (_allowed is null)
        {
            return host is not null
                && !(isSecure && scheme is "http" or "ws")
                && authority == WithoutDefaultPort(scheme, host.ToLowerInvariant());
        }

        string normal = $"{scheme}://{authority}";
        foreach (string allowed in _allowed)
        {
            if (Matches(allowed, normal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWithoutHost(string origin) => origin == NoOrigin || origin.Equals(FileOrigin, StringComparison.OrdinalIgnoreCase);

    private static bool Matches(string allowed, string origin)
    {
        int star = allowed.IndexOf("://*.", StringComparison.Ordinal);
        if (star < 0)
        {
            return allowed == origin;
        }

        ReadOnlySpan<char> scheme = allowed.AsSpan(0, star + 3);
        ReadOnlySpan<char> suffix = allowed.AsSpan(star + 4); // with its dot
        return origin.Length > scheme.Length + suffix.Length
            && origin.AsSpan().StartsWith(scheme, StringComparison.Ordinal)
            && origin.AsSpan().EndsWith(suffix, StringComparison.Ordinal);
    }

    private static string Normalize(string origin)
        // A star anywhere but for a whole first label would match nothing, and its author would believe otherwise.
        =>
        IsWithoutHost(origin) ? origin
        : TryParse(origin, out string scheme, out string authority)
        && !(authority.StartsWith("*.", StringComparison.Ordinal) ? authority.AsSpan(2) : authority).Contains('*')
            ? $"{scheme}://{authority}"
        : throw new ArgumentException(
            $"'{origin}' is not an origin; write it as https://example.com or https://*.example.com.",
            nameof(origin)
        );

    private static bool TryParse(string origin, out string scheme, out string authority)
    {
        scheme = authority = "";
        // An origin is ASCII (RFC 6454 §6.2), and there are letters beyond it whose lower case is an ASCII letter.
        if (!Ascii.IsValid(origin))
        {
            return false;
        }

        int colon = origin.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0 || colon + 3 == origin.Length || origin.AsSpan(colon + 3).ContainsAny("/?#@\\ "))
        {
            return false;
        }

        scheme = origin[..colon].ToLowerInvariant();
        authority = WithoutDefaultPort(scheme, origin[(colon + 3)..].ToLowerInvariant());
        return true;
    }

    private static string WithoutDefaultPort(string scheme, string authority)
    {
        string port = scheme is "https" or "wss" ? ":443" : ":80";
        return authority.EndsWith(port, StringComparison.Ordinal) ? authority[..^port.Length] : authority;
    }
}
