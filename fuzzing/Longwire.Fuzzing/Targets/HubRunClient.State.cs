using System.Text.Json;

namespace Longwire.Fuzzing;

/// <content>Maps, presence and markers.</content>
internal sealed partial class HubRunClient
{
    private static readonly string[] _keys = ["k1", "k2", "k3", "k4", "k5"];

    public string User => user;

    /// <summary>Puts or removes a key, now or when it can; with a condition that may hold or not.</summary>
    public void Change(string room, int how)
    {
        if (!_rooms.TryGetValue(room, out Followed? followed) || !followed.IsWanted || _outbox.Count >= 20)
        {
            return;
        }

        string id = $"{++_number}";
        string key = _keys[how % _keys.Length];
        string condition = (how / 8 % 4) switch
        {
            0 => ""","ifNew":true""",
            1 => $$""","ifVersion":{{followed.Offset}}""",
            _ => "",
        };
        bool isRemoval = how % 3 == 0;
        string message = isRemoval
            ? $$"""{"type":"map-remove","room":"{{room}}","key":"{{key}}","id":"{{id}}"}"""
            : $$"""{"type":"map-put","room":"{{room}}","key":"{{key}}","value":"{{label}}-{{id}}"{{condition}},"id":"{{id}}"}""";
        _outbox.Add(new Said(room, id, message));
        SendOutbox(room);
    }

    /// <summary>Says that its user has read up to where it is.</summary>
    public void Read(string room, int back)
    {
        if (IsConnected && _rooms.TryGetValue(room, out Followed? followed) && followed.IsJoined)
        {
            long offset = Math.Max(0, followed.Offset - back);
            Send($$"""{"type":"read","room":"{{room}}","epoch":"{{followed.Epoch}}","offset":{{offset}},"id":"read"}""");
        }
    }

    /// <summary>Drops its map, and reads it anew.</summary>
    public void ReadMap(string room)
    {
        if (IsConnected && _rooms.TryGetValue(room, out Followed? followed) && followed.IsJoined)
        {
            followed.Map.Reset();
            ReadOn(room, followed);
        }
    }

    /// <summary>Says something about its user.</summary>
    public void UpdatePresence(string room)
    {
        if (IsConnected && _rooms.TryGetValue(room, out Followed? followed) && followed.IsJoined)
        {
            Send($$"""{"type":"presence-update","room":"{{room}}","metadata":"{{label}}-{{++_number}}","id":"update"}""");
        }
    }

    /// <summary>The users as the client knows them; null where it is not in the room.</summary>
    public string? UsersOf(string room) =>
        _rooms.TryGetValue(room, out Followed? followed) && followed.IsJoined ? followed.Users.Text(withVersions: false) : null;

    private static string TextOf(JsonElement message) =>
        message.Text("type") is "message" or "direct" ? message.Text("message")
        : message.Has("value") ? $"{message.Text("key")}={message.GetProperty("value").GetRawText()}"
        : $"-{message.Text("key")}";

    private static string PresenceOf(Followed room) =>
        ""","presence":"changes" """ + (room.Users is { Version: > 0, IsComplete: true } ? $",\"version\":{room.Users.Version}" : "");

    private void OnShownAtJoin(JsonElement joined, string name, Followed room)
    {
        if (room.Map is { IsPart: true, IsComplete: false })
        {
            room.Map.Reset();
        }

        if (joined.Has("map"))
        {
            JsonElement map = joined.GetProperty("map");
            bool isWhole = map.GetProperty("whole").GetBoolean();
            RequireNotAhead(map, joined.Number("offset"));
            model.OnMap(
                name,
                isWhole ? null : room.Offset,
                room.IsRecovering && room.Map.IsComplete ? room.Offset : null,
                joined.Number("offset"),
                map.GetProperty("entries")
                    .EnumerateArray()
                    .ToDictionary(static key => key.Text("key"), static key => key.Number("version")),
                map.Has("next") ? map.Number("next") : null
            );
            if (isWhole)
            {
                room.Map.Clear();
                room.Map.TakeEntries(map.GetProperty("entries"));
                room.Map.TakeNext(map);
            }
            else
            {
                room.Map.TakeEntries(map.GetProperty("entries"));
                // Of pages that had not come, those before are still to be read: they go first.
                if (room.Map.IsComplete)
                {
                    room.Map.IsPart = true;
                    room.Map.TakeNext(map);
                }
            }
        }

        JsonElement presence = joined.GetProperty("presence");
        if (presence.GetProperty("whole").GetBoolean())
        {
            room.Users.Clear();
        }

        room.Users.TakeUsers(presence.GetProperty("joined"), presence.GetProperty("left"));
        room.Users.TakeNext(presence);
        room.Users.Version = presence.Number("version");
        model.OnMarker(name, user, joined.Number("read"), joined.Number("unread"), joined.Number("offset"));
    }

    private void OnShown(JsonElement heard, string name)
    {
        Followed room = _rooms[name];
        switch (heard.Text("type"))
        {
            case "map" when heard.Text("id") != room.Map.Asked:
            case "presence" when heard.Text("id") != room.Users.Asked:
                return;
            case "map":
                RequireNotAhead(heard, room.Offset);
                room.Map.TakeEntries(heard.GetProperty("entries"));
                room.Map.TakeNext(heard);
                break;
            case "presence":
                room.Users.TakeUsers(heard.GetProperty("members"), heard.Has("left") ? heard.GetProperty("left") : null);
                room.Users.TakeNext(heard);
                break;
            case "presence-reset":
                room.Users.Reset();
                break;
            default:
                room.Users.TakeUsers(heard.GetProperty("joined"), heard.GetProperty("left"));
                room.Users.Version = Math.Max(room.Users.Version, heard.Number("version"));
                break;
        }

        ReadOn(name, room);
    }

    /// <summary>The client is shown nothing that could be lost without its being told.</summary>
    private void RequireNotAhead(JsonElement map, long offset)
    {
        bool isAhead = map.GetProperty("entries").EnumerateArray().Any(entry => entry.Number("version") > offset);
        HubModel.Require(!isAhead, $"{label} is at {offset} and is shown {map}");
    }

    /// <summary>Asks for the next pages.</summary>
    private void ReadOn(string name, Followed room)
    {
        if (!IsConnected || !room.IsJoined)
        {
            return;
        }

        if (room.Map is { Next: { } key, Asked: null })
        {
            room.Map.Asked = $"page {++_number}";
            Send($$"""{"type":"map-read","room":"{{name}}","after":{{key}},"id":"{{room.Map.Asked}}"}""");
        }

        if (room.Users is { Next: { } after, Asked: null })
        {
            room.Users.Asked = $"page {++_number}";
            Send($$"""{"type":"presence","room":"{{name}}","after":{{after}},"id":"{{room.Users.Asked}}"}""");
        }
    }
}
