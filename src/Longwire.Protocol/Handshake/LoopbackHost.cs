using System.Globalization;

namespace Longwire.Protocol;

/// <summary>
/// Names that lead to this machine and that nobody else can give to theirs: <c>localhost</c> and what is below it (RFC 6761 §6.3), and
/// the loopback addresses. A server that is reached over loopback takes no other from a page: the owner of another name can make it lead
/// here (DNS rebinding), and then pages of that name would pass for the server's own.
/// </summary>
public static class LoopbackHost
{
    private const string Localhost = "localhost";
    private const string IPv6 = "[::1]";
    private const string IPv4Network = "127";

    /// <summary>
    /// Whether a request's <c>Host</c> is a loopback name: <c>localhost</c>, <c>*.localhost</c>, 127.0.0.0/8, <c>[::1]</c>. Addresses are
    /// known as browsers write them, in full and without leading zeros.
    /// </summary>
    /// <param name="host">The header's value, with its port if it has one.</param>
    public static bool Matches(ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> name = WithoutPort(host);
        if (name.SequenceEqual(IPv6))
        {
            return true;
        }

        // A name may end in the dot of the root.
        if (name is [.. var rest, '.'])
        {
            name = rest;
        }

        return name.EndsWith(Localhost, StringComparison.OrdinalIgnoreCase)
            ? name.Length == Localhost.Length || (name.Length > Localhost.Length + 1 && name[^(Localhost.Length + 1)] == '.')
            : IsLoopbackAddress(name);
    }

    private static bool IsLoopbackAddress(ReadOnlySpan<char> name)
    {
        int parts = 0;
        foreach (Range range in name.Split('.'))
        {
            ReadOnlySpan<char> part = name[range];
            if (
                (parts++ == 0 && !part.SequenceEqual(IPv4Network))
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                || (part.Length > 1 && part[0] == '0')
            )
            {
                return false;
            }
        }

        return parts == 4;
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        return colon < 0 || host[colon..].Contains(']') || host[(colon + 1)..].ContainsAnyExceptInRange('0', '9') ? host : host[..colon];
    }
}
