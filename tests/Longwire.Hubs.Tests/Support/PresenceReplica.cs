using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A room's presence as a client has it that follows the rules of <c>docs/protocol/hub.md</c>, and nothing else.</summary>
internal sealed class PresenceReplica
{
    private readonly Dictionary<string, (string? Shown, long Version)> _known = new(StringComparer.Ordinal);

    /// <summary>Where the next page begins; null when the last one was had.</summary>
    public long? Next { get; private set; }

    /// <summary>The greatest version of a message.</summary>
    public long Version { get; private set; }

    public int Count => _known.Count(static user => user.Value.Shown is not null);

    /// <summary>The users in order, with their connections and metadata.</summary>
    public string Text =>
        string.Join(
            ' ',
            _known
                .Where(static user => user.Value.Shown is not null)
                .OrderBy(static user => user.Key, StringComparer.Ordinal)
                .Select(static user => $"{user.Key}={user.Value.Shown}")
        );

    /// <summary>Takes any message of the server's.</summary>
    public void Take(JsonElement message)
    {
        switch (message.Text("type"))
        {
            case "presence-changed":
                TakeUsers(message.GetProperty("joined"), message.GetProperty("left"));
                Version = Math.Max(Version, message.Number("version"));
                break;
            case "presence":
                TakeUsers(message.GetProperty("members"), message.TryGetProperty("left", out JsonElement left) ? left : default);
                Version = Math.Max(Version, message.Number("version"));
                Next = message.TryGetProperty("next", out JsonElement next) ? next.GetInt64() : null;
                break;
            case "joined-room" when message.TryGetProperty("presence", out JsonElement presence):
                if (presence.GetProperty("whole").GetBoolean())
                {
                    _known.Clear();
                }

                TakeUsers(presence.GetProperty("joined"), presence.GetProperty("left"));
                Version = presence.Number("version");
                Next = presence.TryGetProperty("next", out JsonElement more) ? more.GetInt64() : null;
                break;
            case "presence-reset":
                _known.Clear();
                Next = 0;
                break;
            default:
                break;
        }
    }

    private void TakeUsers(JsonElement joined, JsonElement left)
    {
        foreach (JsonElement user in joined.EnumerateArray())
        {
            Take(user, $"{user.Number("connections")}{user.GetProperty("metadata").GetRawText()}");
        }

        if (left.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement user in left.EnumerateArray())
            {
                Take(user, shown: null);
            }
        }
    }

    private void Take(JsonElement user, string? shown)
    {
        string id = user.Text("userId");
        if (user.Number("version") > _known.GetValueOrDefault(id).Version)
        {
            _known[id] = (shown, user.Number("version"));
        }
    }
}
