using System.Net;
using System.Security.Claims;

namespace Longwire;

/// <summary>Whose a connection is. A connection that is asked for none of it has none.</summary>
internal sealed class ConnectionIdentity
{
    private static long _named;

    public long Number { get; } = Interlocked.Increment(ref _named);

    public string? Subprotocol { get; set; }

    /// <summary>The request's ends, where the transport doesn't know them, or knows others.</summary>
    public (EndPoint? Remote, EndPoint? Local)? Ends { get; set; }

    public ClaimsPrincipal? User { get; set; }
}
