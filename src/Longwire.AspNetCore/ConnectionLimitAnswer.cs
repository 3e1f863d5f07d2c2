namespace Longwire.AspNetCore;

/// <summary>How an endpoint refuses a connection that exceeds its limits.</summary>
public enum ConnectionLimitAnswer
{
    /// <summary>
    /// The handshake is answered with 503 and <c>Retry-After</c>. The cheapest; a browser's page sees only that it failed.
    /// </summary>
    ServiceUnavailable,

    /// <summary>The connection is opened and closed with 1013, which a browser's page can read.</summary>
    TryAgainLater,
}
