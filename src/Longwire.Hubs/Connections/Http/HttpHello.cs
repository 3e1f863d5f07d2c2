using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>A request that begins a connection over HTTP: who the client is, and what it wants to be told.</summary>
internal sealed class HttpHello
{
    private const int MaxRooms = 16;

    private readonly Dictionary<string, string[]> _positions;
    private readonly int _history;

    private HttpHello(HubHandshake handshake, string[] rooms, Dictionary<string, string[]> positions, int history)
    {
        Handshake = handshake;
        Rooms = rooms;
        _positions = positions;
        _history = history;
    }

    public HubHandshake Handshake { get; }

    public IReadOnlyList<string> Rooms { get; }

    /// <summary>Reads a request. Null when a parameter is not what it should be.</summary>
    public static HttpHello? Read(HttpContext context, LongwireHubOptions settings)
    {
        IQueryCollection query = context.Request.Query;
        string? last = context.Request.Headers["Last-Event-ID"] is { Count: > 0 } header ? header.ToString() : query["last"];
        (string? secret, Dictionary<string, string[]> positions) = LastEventId.Read(last);
        List<string> rooms = [];
        foreach (string? given in query["room"])
        {
            if (!Names.TryNormalize(given ?? "", settings.MaxRoomNameLength, out string? room) || rooms.Count == MaxRooms)
            {
                return null;
            }

            rooms.Add(room);
        }

        int history = 0;
        string? username = null;
        if (
            query["history"] is [{ } count] && !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out history)
            || query["username"] is [{ Length: > 0 } name] && !Names.TryNormalize(name, settings.MaxUsernameLength, out username)
        )
        {
            return null;
        }

        return new HttpHello(HandshakeReader.Read(context, username, secret), [.. rooms], positions, history);
    }

    /// <summary>The requests to join the rooms.</summary>
    public IEnumerable<byte[]> Joins()
    {
        foreach (string room in Rooms)
        {
            using JsonBuffer json = JsonBuffer.Rent("join-room"u8);
            json.Writer.WriteString("room"u8, room);
            if (_history > 0)
            {
                json.Writer.WriteNumber("history"u8, _history);
            }

            if (_positions.TryGetValue(room, out string[]? position))
            {
                json.Writer.WriteStartObject("recover"u8);
                json.Writer.WriteString("epoch"u8, position[0]);
                json.Writer.WriteNumber("offset"u8, long.Parse(position[1], CultureInfo.InvariantCulture));
                json.Writer.WriteString("tag"u8, position[2]);
                json.Writer.WriteEndObject();
            }

            yield return json.End().ToArray();
        }
    }
}
