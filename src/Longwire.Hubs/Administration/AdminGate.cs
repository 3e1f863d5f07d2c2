using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>
/// Lets requests in by the tokens of the administration, in <c>Authorization: Bearer</c> and nowhere else. Each refusal is in the audit
/// log, and an address that sends one wrong token after the other is told to wait. Thread-safe.
/// </summary>
internal sealed class AdminGate(HubAdminOptions options, AdminAudit audit, MonotonicClock clock)
{
    private const int MaxAddresses = 1_000;
    private static readonly RateLimitOptions _wrongTokens = new() { MessagesPerSecond = 1, Burst = 10 };

    private readonly SecretTable<AdminCaller> _callers = new(
        new[]
        {
            (Token: options.Token, Caller: new AdminCaller("admin", AdminRights.Read | AdminRights.Act, Address: null)),
            (Token: options.ReadToken, Caller: new AdminCaller("read", AdminRights.Read, Address: null)),
            (Token: options.ContentsToken, Caller: new AdminCaller("contents", AdminRights.Read | AdminRights.Contents, Address: null)),
        }
            .Where(static entry => !string.IsNullOrEmpty(entry.Token))
            .Select(static entry => (SHA256.HashData(Encoding.UTF8.GetBytes(entry.Token!)), entry.Caller))
    );

    // It is its own lock.
    private readonly Dictionary<AccountKey, TokenBucket> _addresses = [];

    /// <summary>Whether there is a token at all.</summary>
    public bool IsOn { get; } = options.IsOn;

    /// <summary>Finds the administrator that a request is of. Null for none: the response then has the refusal's status.</summary>
    public AdminCaller? LetIn(HttpContext context)
    {
        string? given = HandshakeReader.Bearer(context);
        IPAddress? address = context.Connection.RemoteIpAddress;
        // The right token is let in however many wrong ones came before it: behind a proxy all visitors may have one address.
        if (_callers.Find(given) is { } caller)
        {
            return caller with { Address = address };
        }

        audit.AddRefusal(address);
        HttpResponse response = context.Response;
        if (given is null || TryTake(address, out TimeSpan retryAfter))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
        }
        else
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return null;
    }

    /// <summary>Counts a wrong token of an address, or says when the next may come.</summary>
    private bool TryTake(IPAddress? address, out TimeSpan retryAfter)
    {
        TimeSpan now = clock.Now;
        AccountKey key = address is null ? default : AccountKey.OfAddress(address);
        lock (_addresses)
        {
            if (_addresses.Count >= MaxAddresses && !_addresses.ContainsKey(key))
            {
                MakeRoom(now);
            }

            return CollectionsMarshal.GetValueRefOrAddDefault(_addresses, key, out _).TryTake(_wrongTokens, now, out retryAfter);
        }
    }

    /// <summary>Forgets the addresses that have waited long enough; all of them where none has, for memory has a limit.</summary>
    private void MakeRoom(TimeSpan now)
    {
        foreach ((AccountKey key, TokenBucket bucket) in _addresses)
        {
            if (bucket.TimeUntilFull(now) == TimeSpan.Zero)
            {
                _addresses.Remove(key);
            }
        }

        if (_addresses.Count >= MaxAddresses)
        {
            _addresses.Clear();
        }
    }
}
