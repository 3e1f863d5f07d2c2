using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A room's map as a client has it that follows the rules of <c>docs/protocol/hub.md</c>, and nothing else.</summary>
internal sealed class MapReplica
{
    private readonly Dictionary<string, (string? Value, long Version)> _known = new(StringComparer.Ordinal);

    /// <summary>Where the next page begins; null when the last one was had.</summary>
    public long? Next { get; private set; }

    /// <summary>The map's text: its keys in order, with values and versions.</summary>
    public string Text =>
        string.Join(
            ' ',
            _known
                .Where(static entry => entry.Value.Value is not null)
                .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
                .Select(static entry => $"{entry.Key}={entry.Value.Value}:{entry.Value.Version}")
        );

    public int Count => _known.Count(static entry => entry.Value.Value is not null);

    /// <summary>Takes any message of the server's.</summary>
    public void Take(JsonElement message)
    {
        switch (message.Text("type"))
        {
            case "map-changed":
                Apply(message);
                break;
            case "map":
                TakePage(message);
                break;
            case "joined-room":
                foreach (JsonElement missed in message.GetProperty("messages").EnumerateArray())
                {
                    Take(missed);
                }

                if (message.TryGetProperty("map", out JsonElement map))
                {
                    if (map.GetProperty("whole").GetBoolean())
                    {
                        _known.Clear();
                    }

                    TakePage(map);
                }

                break;
            case "room-reset":
                _known.Clear();
                Next = 0;
                break;
            default:
                break;
        }
    }

    private void TakePage(JsonElement page)
    {
        foreach (JsonElement entry in page.GetProperty("entries").EnumerateArray())
        {
            Apply(entry);
        }

        Next = page.TryGetProperty("next", out JsonElement next) ? next.GetInt64() : null;
    }

    private void Apply(JsonElement entry)
    {
        string key = entry.Text("key");
        long version = entry.Number("version");
        if (version > _known.GetValueOrDefault(key).Version)
        {
            _known[key] = (entry.TryGetProperty("value", out JsonElement value) ? value.GetRawText() : null, version);
        }
    }
}
