using System.Globalization;
using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// The log of all that administrators do: the newest entries in memory, for the page, and each to the logger. Of a flood of requests
/// without a token one a second is kept. Thread-safe.
/// </summary>
internal sealed class AdminAudit(int most, HubLog log, TimeProvider time)
{
    private static readonly TimeSpan _refusalInterval = TimeSpan.FromSeconds(1);

    private readonly Queue<AdminAuditEntry> _entries = new();
    private DateTimeOffset _nextRefusal;
    private long _count;

    /// <summary>The entries, the newest first.</summary>
    public AdminAuditEntry[] ToArray()
    {
        lock (_entries)
        {
            return [.. _entries.Reverse()];
        }
    }

    public void Add(AdminEvent what, AdminCaller caller, string target) => Add(what, caller.Role, caller.Address, target);

    /// <summary>A request was refused before anybody knew whose it is.</summary>
    public void AddRefusal(IPAddress? address)
    {
        lock (_entries)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now < _nextRefusal)
            {
                return;
            }

            _nextRefusal = now + _refusalInterval;
        }

        Add(AdminEvent.TokenRefused, "nobody", address, "");
    }

    private void Add(AdminEvent what, string role, IPAddress? address, string target)
    {
        lock (_entries)
        {
            while (_entries.Count >= most)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(
                new AdminAuditEntry(++_count, time.GetUtcNow(), (int)what, what.ToString(), role, address?.ToString(), target)
            );
        }

        log.Audited(what, role, address, target);
    }

    /// <summary>A target and what belongs to it, as an entry says it.</summary>
    public static string Describe(string kind, string name, string? more = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind} {name}{(more is null ? "" : ", ")}{more}");
}
