using System.Net;
using Longwire.Protocol;
using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

/// <summary>
/// Which pages' requests an endpoint takes: by their origin, and over loopback by the name that they have for this machine.
/// </summary>
internal sealed class PageRule(OriginRule origins, IServiceProvider services)
{
    private static readonly HandshakeRefusal _originNotAllowed = new(
        403,
        "Origin not allowed: this page may not connect here. The server's origin rule decides."
    );

    private static readonly HandshakeRefusal _hostNotLoopback = new(
        403,
        "Host not allowed: this server was reached over loopback, and a page may name it only as localhost or a loopback address. "
            + "For a server behind a proxy: set its AllowedHosts, or its endpoint's Origins."
    );

    private readonly bool _takesLoopbackNamesOnly = ReferenceEquals(origins, OriginRule.SameHost) && !HostNotice.AreHostsFiltered(services);

    /// <summary>Whether every page may connect.</summary>
    public bool TakesAny => ReferenceEquals(origins, OriginRule.Any);

    /// <summary>Judges a WebSocket's handshake, on which browsers always say the page's origin. Null: it may connect.</summary>
    public HandshakeRefusal? JudgeHandshake(HttpContext context)
    {
        string? origin = Joined(context.Request.Headers.Origin);
        return Allows(context, origin) is { } refusal ? refusal
            : origin is not null && IsByForeignName(context) ? _hostNotLoopback
            : null;
    }

    /// <summary>
    /// Judges an ordinary request. A browser says no origin with a <c>GET</c> of the same one, nor with one that a foreign page causes by
    /// an image or a script, but then it says that much (Fetch Metadata). Of a page by a foreign name it says nothing at all.
    /// </summary>
    public HandshakeRefusal? JudgeRequest(HttpContext context)
    {
        string? origin = Joined(context.Request.Headers.Origin);
        if (Allows(context, origin) is { } refusal)
        {
            return refusal;
        }

        bool isForeign = origin is null && Joined(context.Request.Headers["Sec-Fetch-Site"]) is "cross-site" or "same-site";
        return isForeign && !TakesAny ? _originNotAllowed
            : IsByForeignName(context) ? _hostNotLoopback
            : null;
    }

    // The host as it is on the wire, as the origin is; the request's own object has it decoded.
    private HandshakeRefusal? Allows(HttpContext context, string? origin) =>
        origins.Allows(origin, Joined(context.Request.Headers.Host), context.Request.IsHttps) ? null : _originNotAllowed;

    private bool IsByForeignName(HttpContext context) =>
        _takesLoopbackNamesOnly && IsOverLoopback(context) && !LoopbackHost.Matches(Joined(context.Request.Headers.Host));

    // Behind a proxy on this machine the client's address is another one, once the forwarded headers are taken.
    private static bool IsOverLoopback(HttpContext context) =>
        IsLoopback(context.Connection.LocalIpAddress)
        && context.Connection.RemoteIpAddress is var client
        && (client is null || IsLoopback(client));

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static string? Joined(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
}
