namespace Longwire.Hubs;

/// <summary>Finds the endpoint of a room by its name.</summary>
internal sealed class RoomRouter(IEnumerable<RoomEndpoint> endpoints)
{
    // Sorting by OrderBy is stable: where two templates can't be told apart, the first one mapped counts.
    private readonly RoomEndpoint[] _endpoints =
    [
        .. endpoints.OrderBy(static endpoint => endpoint.Template, Comparer<RoomTemplate>.Create(RoomTemplate.Compare)),
    ];

    public IReadOnlyList<RoomEndpoint> Endpoints => _endpoints;

    /// <summary>The templates in the order in which they are tried, as errors list them.</summary>
    public string Known => string.Join(", ", _endpoints.Select(static endpoint => endpoint.Template.Text));

    /// <summary>The endpoint of a room; null when no template matches.</summary>
    /// <param name="room">The room's name, normalized.</param>
    public RoomEndpoint? Find(string room) => Array.Find(_endpoints, endpoint => endpoint.Template.TryMatch(room, out _));

    /// <summary>The fault of templates that match the same rooms and of which neither goes before the other.</summary>
    public static IEnumerable<string> FindFaults(IReadOnlyList<RoomTemplate> templates)
    {
        for (int i = 0; i < templates.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                RoomTemplate first = templates[j];
                RoomTemplate second = templates[i];
                if (RoomTemplate.FindCommonRoom(first, second) is not { } room)
                {
                    continue;
                }

                yield return first.IsLiteral
                    ? $"MapRoom(\"{first.Text}\") is there twice. Map the room once."
                    : $"MapRoom(\"{first.Text}\") and MapRoom(\"{second.Text}\") match the same rooms, for example \"{room}\". "
                        + $"Constrain one, as {{{first.Parameters[0]}:int}}.";
            }
        }
    }
}
