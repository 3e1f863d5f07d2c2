using System.Net;
using System.Net.Sockets;

namespace Longwire.Protocol;

/// <summary>
/// Names that lead to this machine and that nobody else can give to theirs: <c>localhost</c> and what is below it (RFC 6761 §6.3), and
/// the loopback addresses. A server that is reached over loopback takes no other from a page: the owner of another name can make it lead
/// here (DNS rebinding), and then pages of that name would pass for the server's own.
/// </summary>
public static class LoopbackHost
{
    private const string Localhost = "localhost";

    /// <summary>
    /// Whether a request's <c>Host</c> is a loopback name: <c>localhost</c>, <c>*.localhost</c>, 127.0.0.0/8, <c>[::1]</c>.
    /// </summary>
    /// <param name="host">The header's value, with its port if it has one.</param>
    public static bool Matches(ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> name = WithoutPort(host);
        if (name is ['[', .. var literal, ']'])
        {
            return IPAddress.TryParse(literal, out IPAddress? address)
                && address.AddressFamily == AddressFamily.InterNetworkV6
                && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }

        // A name may end in the dot of the root.
        if (name is [.. var rest, '.'])
        {
            name = rest;
        }

        if (name.EndsWith(Localhost, StringComparison.OrdinalIgnoreCase))
        {
            return name.Length == Localhost.Length || (name.Length > Localhost.Length + 1 && name[^(Localhost.Length + 1)] == '.');
        }

        // Browsers send addresses in full; the old short forms, as 127.1, are names to whoever doesn't know them.
        return IPAddress.TryParse(name, out IPAddress? v4)
            && v4.AddressFamily == AddressFamily.InterNetwork
            && IPAddress.IsLoopback(v4)
            && name.SequenceEqual(v4.ToString());
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        return colon < 0 || host[colon..].Contains(']') || host[(colon + 1)..].ContainsAnyExceptInRange('0', '9') ? host : host[..colon];
    }
}
