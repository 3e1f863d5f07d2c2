using System.Text.Json.Nodes;

namespace Longwire.Hubs;

/// <summary>
/// The application's hub as <c>longwire generate</c> reads it: the rooms' templates in the order in which they are tried, the messages and
/// the map of each, and the schemas of their classes.
/// </summary>
internal static class ContractDocument
{
    /// <summary>Counts changes of the document that a tool of before could not read.</summary>
    public const int Version = 2;

    /// <summary>Writes an application that has been put together.</summary>
    /// <param name="name">The application's name.</param>
    /// <param name="application">The application.</param>
    public static JsonObject Write(string name, HubApplication application)
    {
        var schemas = new SchemaCatalog();
        RoomEndpoint[] rooms = [.. application.Router?.Endpoints ?? []];
        // First the classes that clients write, since they may leave out something.
        JsonArray handled = Handled(application.Handlers, application, schemas);
        JsonArray[] ofRooms = [.. rooms.Select(room => Handled(room.Handlers, application, schemas))];
        foreach (MapValues values in rooms.SelectMany(static room => room.MapValues.Where(values => IsPutByClients(room, values))))
        {
            schemas.Of(values.Json, isWritten: false);
        }

        foreach (
            (MessageHandler handler, JsonNode? written) in Enumerable
                .Concat([(application.Handlers, handled)], rooms.Select((room, i) => (room.Handlers, ofRooms[i])))
                .SelectMany(static pair => pair.Item1.Zip(pair.Item2))
        )
        {
            AddReply(handler, written!.AsObject(), application, schemas);
        }

        return new JsonObject
        {
            ["version"] = Version,
            ["application"] = name,
            ["messages"] = handled,
            ["produced"] = Produced(application.Produced, schemas),
            ["asks"] = new JsonArray([
                .. application.Asks.Select(ask => new JsonObject
                {
                    ["type"] = ask.Question.Type,
                    ["schema"] = schemas.Of(ask.Question.Json, isWritten: true),
                    ["reply"] = schemas.Of(application.Contracts.JsonOf(ask.Reply), isWritten: false),
                }),
            ]),
            ["rooms"] = new JsonArray([.. rooms.Select((room, i) => WriteRoom(room, ofRooms[i], schemas))]),
            ["schemas"] = schemas.Schemas,
        };
    }

    private static JsonObject WriteRoom(RoomEndpoint room, JsonArray handled, SchemaCatalog schemas) =>
        new()
        {
            ["template"] = room.Template.Text,
            ["name"] = new JsonArray([.. room.Template.Segments.Select(WriteSegment)]),
            ["readOnly"] = room.IsReadOnly,
            ["messages"] = handled,
            ["produced"] = Produced(room.Produced, schemas),
            ["map"] = room.Options.MapKeys == 0 ? null : WriteMap(room, schemas),
        };

    private static JsonArray WriteMap(RoomEndpoint room, SchemaCatalog schemas) =>
        new([
            .. room
                .MapValues.OrderBy(static values => values.Prefix, StringComparer.Ordinal)
                .Select(values => new JsonObject
                {
                    ["prefix"] = values.Prefix,
                    ["putByClients"] = IsPutByClients(room, values),
                    ["schema"] = schemas.Of(values.Json, isWritten: true),
                }),
        ]);

    private static bool IsPutByClients(RoomEndpoint room, MapValues values) =>
        Array.Exists(
            room.MapRules,
            rule =>
                rule.Prefix.StartsWith(values.Prefix, StringComparison.Ordinal)
                || values.Prefix.StartsWith(rule.Prefix, StringComparison.Ordinal)
        );

    private static JsonObject WriteSegment(RoomTemplateSegment segment) =>
        segment.Parameter is null
            ? new JsonObject { ["text"] = segment.Prefix }
            : new JsonObject
            {
                ["text"] = segment.Prefix,
                ["parameter"] = segment.Parameter,
                ["isNumber"] = segment.IsNumber,
                ["after"] = segment.Suffix,
            };

    private static JsonArray Handled(IEnumerable<MessageHandler> handlers, HubApplication application, SchemaCatalog schemas) =>
        new([
            .. handlers.Select(handler => new JsonObject
            {
                ["type"] = handler.Contract.Type,
                ["kind"] = handler.Kind switch
                {
                    MessageHandlerKind.Publish => "publish",
                    MessageHandlerKind.Relay => "relay",
                    _ => "handle",
                },
                ["schema"] = schemas.Of(handler.Contract.Json, isWritten: false),
            }),
        ]);

    private static void AddReply(MessageHandler handler, JsonObject written, HubApplication application, SchemaCatalog schemas)
    {
        if (handler.Reply is { } reply)
        {
            written["reply"] = schemas.Of(application.Contracts.JsonOf(reply), isWritten: true);
        }
    }

    private static JsonArray Produced(IEnumerable<MessageContract> messages, SchemaCatalog schemas) =>
        new([
            .. messages.Select(message => new JsonObject
            {
                ["type"] = message.Type,
                ["schema"] = schemas.Of(message.Json, isWritten: true),
            }),
        ]);
}
