using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Longwire.Connecting;

/// <summary>IP addresses that stand in a URI in place of a name, IPv6 ones with their scope (RFC 4007 §11, RFC 6874).</summary>
internal static class ScopedAddress
{
    /// <summary>
    /// Reads a host as an IP address. The scope of <c>fe80::1%25eth0</c>, as RFC 6874 writes it, and of <c>fe80::1%eth0</c>, as
    /// everybody types it, is the name or the number of an interface.
    /// </summary>
    /// <param name="host">The host, an IPv6 address without brackets, as <see cref="Uri.IdnHost"/> has it.</param>
    /// <param name="address">The address.</param>
    public static bool TryParse(string host, [NotNullWhen(true)] out IPAddress? address) => IPAddress.TryParse(Unescape(host), out address);

    /// <summary>The host with the scope as <see cref="IPAddress"/> reads it.</summary>
    public static string Unescape(string host)
    {
        int scope = host.IndexOf("%25", StringComparison.Ordinal);
        // An escaped percent sign is nothing that a name could hold, and a scope of nothing is none.
        return scope < 0 || scope + 3 == host.Length ? host : string.Concat(host.AsSpan(0, scope + 1), host.AsSpan(scope + 3));
    }
}
