using System.Text.Json;

namespace Longwire.Fuzzing;

/// <content>Messages to users, and those to the client's own.</content>
internal sealed partial class HubRunClient
{
    /// <summary>Says something to a user, now or when it can.</summary>
    public void Direct(string to)
    {
        if (_outbox.Count < 20)
        {
            string id = $"{++_number}";
            _outbox.Add(new Said(RoomNames.Me, id, $$"""{"type":"direct","userId":"{{to}}","content":"{{label}}-{{id}}","id":"{{id}}"}"""));
            model.OnSaid(TextOf(_outbox[^1]), isAcked: false);
            SendOutbox(RoomNames.Me);
        }
    }

    /// <summary>The name of a room as the engine and the model know it.</summary>
    private string InStore(string room) => room == RoomNames.Me ? RoomNames.OfUser(user) : room;

    private void TakeDirect(JsonElement message)
    {
        // Before the room is joined it is among what is recovered.
        if (_rooms[RoomNames.Me] is { IsJoined: true } me)
        {
            Take(message, me);
        }
    }

    private void OnReset(JsonElement reset, string name)
    {
        Followed room = _rooms[name];
        if (name == RoomNames.Me && !room.IsJoined)
        {
            return;
        }

        model.OnReset(InStore(name), room.Offset);
        room.StartAt(reset);
        if (name != RoomNames.Me)
        {
            room.Map.Reset();
            ReadOn(name, room);
        }
    }

    private sealed class Said(string room, string id, string? change = null)
    {
        /// <summary>The whole message, where it is a change of the map or goes to a user.</summary>
        public string? Change { get; } = change;

        public string Room { get; } = room;

        public string Id { get; } = id;

        /// <summary>Whether it was ever sent.</summary>
        public bool WasSent { get; set; }

        /// <summary>Whether it was sent on the present connection and has not been refused.</summary>
        public bool IsSent { get; set; }
    }
}
