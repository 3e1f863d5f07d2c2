using System.Text.Json;

namespace Longwire.Fuzzing;

/// <summary>
/// Things by keys and versions, in pages and changes, as the protocol's page says a client keeps them: a map, or presence.
/// </summary>
internal sealed class HubRunReplica
{
    private readonly Dictionary<string, (string? Value, long Version)> _known = [];

    /// <summary>Behind which version the next page begins; null when the last one was had.</summary>
    public long? Next { get; set; }

    /// <summary>The id of the request for a page that has not come; null for none. An answer to an earlier one counts for nothing.</summary>
    public string? Asked { get; set; }

    /// <summary>The greatest version of the messages.</summary>
    public long Version { get; set; }

    /// <summary>Whether the pages that are missing are of what changed only.</summary>
    public bool IsPart { get; set; }

    public bool IsComplete => Next is null;

    public string Text(bool withVersions) =>
        string.Join(
            ' ',
            _known
                .Where(static entry => entry.Value.Value is not null)
                .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => $"{entry.Key}={entry.Value.Value}" + (withVersions ? $":{entry.Value.Version}" : ""))
        );

    /// <summary>Begins again, with the first page.</summary>
    public void Reset()
    {
        _known.Clear();
        Next = 0;
        Asked = null;
        IsPart = false;
    }

    /// <summary>Begins again with a page that is there.</summary>
    public void Clear()
    {
        _known.Clear();
        IsPart = false;
    }

    public void TakeEntries(JsonElement entries)
    {
        foreach (JsonElement entry in entries.EnumerateArray())
        {
            TakeEntry(entry);
        }
    }

    public void TakeEntry(JsonElement entry) =>
        Take(entry.Text("key"), entry.Has("value") ? entry.GetProperty("value").GetRawText() : null, entry.Number("version"));

    public void TakeUsers(JsonElement joined, JsonElement? left)
    {
        foreach (JsonElement user in joined.EnumerateArray())
        {
            Take(user.Text("userId"), $"{user.Number("connections")}{user.GetProperty("metadata").GetRawText()}", user.Number("version"));
        }

        foreach (JsonElement user in left?.EnumerateArray() ?? default)
        {
            Take(user.Text("userId"), value: null, user.Number("version"));
        }
    }

    public void TakeNext(JsonElement page)
    {
        Next = page.Has("next") ? page.Number("next") : null;
        Asked = null;
    }

    private void Take(string key, string? value, long version)
    {
        if (version > _known.GetValueOrDefault(key).Version)
        {
            _known[key] = (value, version);
        }
    }
}
