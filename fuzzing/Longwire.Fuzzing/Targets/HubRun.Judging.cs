using Microsoft.Extensions.Logging;

namespace Longwire.Fuzzing;

/// <content>The judgement at the end.</content>
internal sealed partial class HubRun
{
    private void Judge()
    {
        // Sessions that nobody came back to end, and with them their memberships.
        _time.Advance(TimeSpan.FromMinutes(3));
        JudgeClients();
        _model.JudgeOnce();
        foreach (string room in _roomNames)
        {
            IEnumerable<string> users = _clients
                .Where(entry => entry.Client.Rooms.Contains(room))
                .GroupBy(static entry => entry.Client.User, static entry => entry.Client)
                .Select(static user => $"{user.Key}={user.Count()}");
            string expected = string.Join(' ', users.Order(StringComparer.Ordinal));
            PresenceEntry[] members = [];
            for (int round = 0; round < MostRounds && Text(members, withMetadata: false) != expected; round++)
            {
                // A session that is told late that its connection has ended ends late.
                Thread.Sleep(round == 0 ? 0 : 1);
                _time.Advance(TimeSpan.FromSeconds(30));
                members = Members(room);
            }

            string text = Text(members, withMetadata: false);
            HubModel.Require(text == expected, $"{text} are members of {room}, and {expected} should be");
            JudgePresence(room, Text(members, withMetadata: true));
            foreach (string user in _clients.Select(static entry => entry.Client.User).Distinct())
            {
                ReadMarker marker = Wait(_nodes[0].Engine.Users.FindMarkerAsync(room, user, long.MaxValue, CancellationToken.None));
                _model.JudgeMarker(room, user, marker.Offset);
            }
        }

        HubModel.Require(
            !_log.Entries.Any(static entry => entry.Level >= LogLevel.Error),
            $"The log has a fault of ours: {_log.Entries.FirstOrDefault(static entry => entry.Level >= LogLevel.Error).Text}"
        );
    }

    /// <summary>Each client that is in the room knows its users, when the last differences have come.</summary>
    private void JudgePresence(string room, string expected)
    {
        string[] known = [];
        for (int round = 0; round < MostRounds && (round == 0 || Array.Exists(known, users => users != expected)); round++)
        {
            Thread.Sleep(round < 10 ? 0 : 1);
            _time.Advance(TimeSpan.FromSeconds(1));
            for (int index = 0; index < _clients.Count; index++)
            {
                DeliverUp(index, int.MaxValue);
                DeliverDown(_clients[index].Client, int.MaxValue);
            }

            known = [.. _clients.Select(entry => entry.Client.UsersOf(room)).OfType<string>()];
        }

        foreach (string users in known)
        {
            HubModel.Require(users == expected, $"{users} are known to be in {room}, and {expected} are");
        }
    }

    private void JudgeClients()
    {
        // A client that has left a room no longer waits for what it said there, and the hub may publish that late, on another thread.
        for (int rested = 0; ; rested++)
        {
            LetClientsGoOn(tryAgain: rested % 16 == 0);
            lock (_model)
            {
                if (rested == MostMillisecondsOfRest || _clients.TrueForAll(static entry => entry.Client.IsContent))
                {
                    _clients.ForEach(static entry => entry.Client.Judge());
                    return;
                }
            }

            Thread.Sleep(1);
        }
    }

    private static string Text(PresenceEntry[] users, bool withMetadata) =>
        string.Join(
            ' ',
            users
                .OrderBy(static user => user.UserId, StringComparer.Ordinal)
                .Select(user => $"{user.UserId}={user.Connections}" + (withMetadata ? user.Metadata?.GetRawText() ?? "{}" : ""))
        );

    private PresenceEntry[] Members(string room) =>
        [.. Wait(_nodes[0].Engine.ReadAsync(room, 0, 1_000, CancellationToken.None)).Entries.Where(static user => user.Connections > 0)];

    private static T Wait<T>(ValueTask<T> call) => call.AsTask().GetAwaiter().GetResult();
}
