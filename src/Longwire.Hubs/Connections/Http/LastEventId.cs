using System.Globalization;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// The text that a client that came over HTTP gives back to go on where it was: the session's secret and where it is in the rooms that it
/// named.
/// <c>secret room@epoch@offset@tag …</c>, with the room's name as in a URL.
/// </summary>
internal sealed class LastEventId(IReadOnlyList<string> rooms)
{
    private const int MaxLength = 16 * 1024;

    private readonly RoomPosition?[] _positions = new RoomPosition?[rooms.Count];
    private readonly StringBuilder _text = new();

    /// <summary>The session's secret, once it has one.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The client is told of something that happened in a room. Returns whether the id is another one now.</summary>
    public bool Follow(RoomEvent? told)
    {
        RoomPosition? position = told switch
        {
            PublicationEvent publication => publication.Publication.Position,
            JoinedEvent joined => joined.Position,
            ResetEvent reset => reset.Position,
            _ => null,
        };
        if (position is null)
        {
            return false;
        }

        string shown = RoomNames.Shown(told!.Room);
        for (int index = 0; index < rooms.Count; index++)
        {
            if (rooms[index] == shown)
            {
                _positions[index] = position;
                return true;
            }
        }

        return false;
    }

    public override string ToString()
    {
        _text.Clear().Append(Secret);
        for (int index = 0; index < rooms.Count; index++)
        {
            if (_positions[index] is { } at)
            {
                _text.Append(CultureInfo.InvariantCulture, $" {Uri.EscapeDataString(rooms[index])}@{at.Epoch}@{at.Offset}@{at.Tag:x16}");
            }
        }

        return _text.ToString();
    }

    /// <summary>Reads what a client gave back. A text that is none of ours is as if it had given none.</summary>
    public static (string? Secret, Dictionary<string, string[]> Positions) Read(string? text)
    {
        Dictionary<string, string[]> positions = new(StringComparer.Ordinal);
        if (text is null || text.Length > MaxLength)
        {
            return (null, positions);
        }

        string[] parts = text.Split(' ');
        foreach (string part in parts.AsSpan(1))
        {
            string[] position = part.Split('@');
            if (position.Length == 4 && long.TryParse(position[2], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                positions[Uri.UnescapeDataString(position[0])] = position[1..];
            }
        }

        return (parts[0].Length > 0 ? parts[0] : null, positions);
    }
}
